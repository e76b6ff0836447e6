using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Prompts;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>GET /prompts and /prompts/{name}, POST /prompts/{name}/render: the prompts in force.</summary>
internal static class PromptsEndpoint
{
    public static void MapPrompts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/prompts").WithTags("Prompts");
        group.MapGet("", ListAsync).WithSummary("The prompts that you may use");
        group.MapGet("/{name}", GetAsync).WithSummary("A prompt: versions, labels, variables, and what two of its versions differ in");
        group.MapPost("/{name}/render", RenderAsync).WithMetadata(PromptExamples.Render).WithSummary("The messages that a prompt becomes; no model is asked");
    }

    private static async Task<Ok<PromptList>> ListAsync(HttpContext http, PromptRegistry registry)
    {
        await registry.Loaded;
        var principal = http.Features.GetRequiredFeature<Principal>();
        return TypedResults.Ok(new PromptList([.. registry.Current.Prompts.Values.Where(prompt => principal.MayUse(prompt.Name)).OrderBy(prompt => prompt.Name, StringComparer.Ordinal).Select(PromptSummary.Of)]));
    }

    private static async Task<Ok<PromptReply>> GetAsync(string name, string? from, string? to, HttpContext http, PromptRegistry registry)
    {
        await registry.Loaded;
        var prompt = registry.Find(name, http.Features.GetRequiredFeature<Principal>());
        var later = to is null ? prompt.Highest : prompt.Find(to, "to");
        var earlier = from is not null ? prompt.Find(from, "from") : prompt.Versions.Values.Where(version => version.Number < later.Number).MaxBy(version => version.Number);
        return TypedResults.Ok(PromptReply.Of(prompt, earlier is null ? null : new PromptDiff(earlier.Name, later.Name, TextDiff.Between(PromptText.Of(earlier), PromptText.Of(later)))));
    }

    private static async Task<Ok<RenderedReply>> RenderAsync(string name, HttpContext http, PromptRegistry registry, GatewayConfiguration configuration)
    {
        var body = await RequestBody.ReadFieldsAsync(http, configuration, "variables", "version", "label");
        await registry.Loaded;
        var prompt = registry.Find(name, http.Features.GetRequiredFeature<Principal>());
        var variables = JsonBody.Optional(body.Root, "variables"u8) is { } given ? body.Object(given, "an object of names and values") : (JsonElement?)null;
        var use = prompt.Choose(Text("version"), Text("label"), namesModel: false, request: null);
        var messages = use.Version.Render(PromptValues.Read(use.Version, variables, "variables"));
        return TypedResults.Ok(new RenderedReply(
            prompt.Name, use.Version.Name, use.Version.ContentHash, use.Model, use.Parameters.Json, [.. messages.Select(message => new MessageReply(message.Role.Value, message.Text))]));

        string? Text(string field) => JsonBody.Optional(body.Root, field) is { } value ? body.NonEmptyText(value) : null;
    }
}

/// <summary>A version as text, for people and for what two versions differ in.</summary>
internal static class PromptText
{
    /// <summary>It, with a heading above each message.</summary>
    public static string Of(PromptVersion version)
    {
        var text = new StringBuilder();
        if (version.Model is { } model)
        {
            text.Append("model: ").Append(model).Append('\n');
        }

        foreach (var (name, value) in version.Parameters.Json)
        {
            text.Append(name).Append(": ").Append(value.GetRawText()).Append('\n');
        }

        if (version.Tools.Count > 0)
        {
            text.Append("tools: ").AppendJoin(", ", version.Tools).Append('\n');
        }

        foreach (var message in version.Messages)
        {
            text.Append('[').Append(message.Role.Value).Append("]\n").Append(message.Content.Source.TrimEnd('\n')).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}

/// <summary>What /prompts answers.</summary>
/// <param name="Prompts">The prompts by name.</param>
internal sealed record PromptList(IReadOnlyList<PromptSummary> Prompts);

/// <summary>A prompt in short.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is; null where its file does not say.</param>
/// <param name="Versions">Its versions, the oldest first.</param>
/// <param name="Labels">The versions that its labels name; null for one that is not there.</param>
/// <param name="Experiment">The experiment that runs on it; null for none.</param>
/// <param name="Variables">What the version in production, or else the highest, takes values of.</param>
internal sealed record PromptSummary(
    string Name, string? Description, IReadOnlyList<string> Versions, IReadOnlyDictionary<string, string?> Labels, string? Experiment, IReadOnlyList<VariableReply> Variables)
{
    public static PromptSummary Of(Prompt prompt)
    {
        var shown = prompt.Production ?? prompt.Highest;
        return new PromptSummary(prompt.Name, shown.Description, VersionsOf(prompt), LabelsOf(prompt), prompt.Experiment?.Name, [.. shown.Variables.Select(VariableReply.Of)]);
    }

    /// <summary>The versions' names, the oldest first.</summary>
    public static IReadOnlyList<string> VersionsOf(Prompt prompt) => [.. prompt.Versions.Keys.Order().Select(VersionName.Of)];

    /// <summary>The names of the versions that labels name.</summary>
    public static IReadOnlyDictionary<string, string?> LabelsOf(Prompt prompt) => prompt.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).ToDictionary(label => label.Key, label => label.Value?.Name);
}

/// <summary>A prompt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">The versions that its labels name.</param>
/// <param name="Experiment">The experiment that runs on it; null for none.</param>
/// <param name="Versions">Its versions, the oldest first.</param>
/// <param name="Diff">What the asked versions differ in (<c>?from=v1&amp;to=v2</c>), by default the highest and the one before; null where there is one version.</param>
internal sealed record PromptReply(string Name, IReadOnlyDictionary<string, string?> Labels, string? Experiment, IReadOnlyList<VersionReply> Versions, PromptDiff? Diff)
{
    public static PromptReply Of(Prompt prompt, PromptDiff? diff) => new(
        prompt.Name, PromptSummary.LabelsOf(prompt), prompt.Experiment?.Name,
        [.. prompt.Versions.Values.OrderBy(version => version.Number).Select(version => VersionReply.Of(version, prompt.Changed.Contains(version.Number)))], diff);
}

/// <summary>A version of a prompt.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Description">What it is; null where its file does not say.</param>
/// <param name="Model">The model that it is for; null for the default one.</param>
/// <param name="Parameters">What it asks of the model.</param>
/// <param name="Tools">The gateway's tools that its model may be offered.</param>
/// <param name="Variables">What it takes values of.</param>
/// <param name="Messages">What it says.</param>
/// <param name="ContentHash">Another one for another text.</param>
/// <param name="Changed">Whether its text has changed under its number.</param>
internal sealed record VersionReply(
    string Version, string? Description, string? Model, IReadOnlyDictionary<string, JsonElement> Parameters, IReadOnlyList<string> Tools, IReadOnlyList<VariableReply> Variables, IReadOnlyList<MessageReply> Messages, string ContentHash, bool Changed)
{
    public static VersionReply Of(PromptVersion version, bool isChanged) => new(
        version.Name, version.Description, version.Model, version.Parameters.Json, version.Tools, [.. version.Variables.Select(VariableReply.Of)],
        [.. version.Messages.Select(message => new MessageReply(message.Role.Value, message.Content.Source))], version.ContentHash, isChanged);
}

/// <summary>What a prompt takes a value of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is; null where the file does not say.</param>
/// <param name="Required">Whether a value must be given.</param>
/// <param name="Default">Its value where none is given; null where one must be.</param>
/// <param name="MaxLength">The most characters; null for any number.</param>
internal sealed record VariableReply(string Name, string? Description, bool Required, string? Default, int? MaxLength)
{
    public static VariableReply Of(PromptVariable variable) => new(variable.Name, variable.Description, variable.IsRequired, variable.Default, variable.MaxLength);
}

/// <summary>A message.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Content">What.</param>
internal sealed record MessageReply(string Role, string Content);

/// <summary>What two versions differ in.</summary>
/// <param name="From">The earlier one.</param>
/// <param name="To">The later one.</param>
/// <param name="Lines">Lines of both after a space, of the earlier after -, of the later after +.</param>
internal sealed record PromptDiff(string From, string To, IReadOnlyList<string> Lines);

/// <summary>What a prompt becomes.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Version">The version.</param>
/// <param name="ContentHash">What that says.</param>
/// <param name="Model">Its model; null for the default one.</param>
/// <param name="Parameters">What it asks of the model.</param>
/// <param name="Messages">The messages, with values in their places.</param>
internal sealed record RenderedReply(string Prompt, string Version, string ContentHash, string? Model, IReadOnlyDictionary<string, JsonElement> Parameters, IReadOnlyList<MessageReply> Messages);
