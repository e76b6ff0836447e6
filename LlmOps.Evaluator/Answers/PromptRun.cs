namespace LlmOps.Evaluator.Answers;

/// <summary>A call of a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Version">Its version: v2.</param>
/// <param name="Variables">The values of its variables.</param>
internal sealed record PromptRun(string Prompt, string Version, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>The model; null for the prompt's own, or else the gateway's default.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the answer may come from the gateway's caches: then its latency and cost are those of a look-up.</summary>
    public bool UsesCache { get; init; }

    /// <summary>The call that it is: made twice, it is answered once. Null for none.</summary>
    public string? IdempotencyKey { get; init; }
}
