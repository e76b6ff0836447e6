using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>A complete answer that is kept.</summary>
/// <param name="Json">The answer as OpenAI's completion, as the provider wrote it where it speaks that protocol.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="ModelName">The model as it is listed.</param>
/// <param name="Prompt">The prompt that it was made from; null for none.</param>
/// <param name="Provider">Who gave it.</param>
/// <param name="ProviderModel">That provider's name for the model.</param>
/// <param name="Cost">What it cost then, which is what giving it again saves; null where that is not known.</param>
/// <param name="ExpiresAt">When it is no longer given.</param>
internal sealed record CachedAnswer(
    ReadOnlyMemory<byte> Json, string Tenant, string ModelName, string? Prompt, string Provider, string ProviderModel, NanoUsd? Cost, DateTimeOffset ExpiresAt)
{
    private const int Overhead = 256;

    /// <summary>Whether it is the answer of a request's tenant, model and prompt, and not over its time. Its key says so; whoever can write where it was kept need not.</summary>
    public bool IsFor(GatewayRequest request, DateTimeOffset now) =>
        Tenant == request.Principal.Tenant && ModelName == request.Route!.Name && Prompt == request.Prompt?.Name && ExpiresAt > now;

    /// <summary>The memory it takes, in bytes.</summary>
    public int Size => Json.Length + Overhead;
}

/// <summary>An answer that a request did not have to pay for.</summary>
/// <param name="Provider">Who gave it at first.</param>
/// <param name="ProviderModel">That provider's name for the model.</param>
/// <param name="Saved">What it cost then; null where that is not known.</param>
/// <param name="Usage">The tokens it took then; null where nobody counted.</param>
internal sealed record ReusedAnswer(string Provider, string ProviderModel, NanoUsd? Saved, UsageDetails? Usage)
{
    /// <summary>The model that gave it, as the answer itself says.</summary>
    public string? ResponseModel { get; init; }

    /// <summary>Why it ended.</summary>
    public ChatFinishReason? FinishReason { get; init; }
}
