using System.Text.Json.Serialization;
using LlmOps.Gateway.Access;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>An answer that went out in part: as the model gave it, with what came of the calls that the gateway made, and what waits for the caller.</summary>
/// <param name="Owner">Whose it is: nobody else finds it.</param>
/// <param name="Messages">Its messages, each as JSON in OpenAI's form, in their order: what the model said in all rounds, and the results of the calls that were made.</param>
/// <param name="Calls">The calls that were sent to the caller; a call's number is its place here.</param>
internal sealed record KeptAnswer(string Owner, IReadOnlyList<string> Messages, IReadOnlyList<KeptCall> Calls)
{
    /// <summary>Whether this process alone knows it, as Redis could not be told.</summary>
    public bool IsHereAlone { get; init; }

    /// <summary>Whose the answers of a principal are.</summary>
    public static string OwnerOf(Principal principal) => $"{principal.Tenant.Length}:{principal.Tenant}{principal.Subject}";
}

/// <summary>A call that was sent to the caller.</summary>
/// <param name="Id">The id that the model knows it by.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments, which are run whatever the caller sends back; null where the tool is the caller's own.</param>
/// <param name="Origin">Which of the gateway's tools it is (<see cref="ServerTool.Origin"/>): a name may be another's later; null where it is none.</param>
internal sealed record KeptCall(string Id, string Name, string? Arguments, string? Origin)
{
    /// <summary>Whether the gateway makes it once the caller approves.</summary>
    [JsonIgnore]
    public bool NeedsApproval => Arguments is not null;
}

/// <summary>Source-generated JSON of what is kept.</summary>
[JsonSerializable(typeof(KeptAnswer))]
internal sealed partial class KeptContext : JsonSerializerContext;
