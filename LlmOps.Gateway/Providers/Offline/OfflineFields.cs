using System.Collections.Frozen;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>What the offline model makes of the fields of OpenAI's chat completions.</summary>
internal static class OfflineFields
{
    /// <summary>
    /// Fields it honours, and fields that change nothing in any answer of a deterministic model: sampling parameters,
    /// labels, and hints about effort or service.
    /// </summary>
    public static IReadOnlySet<string> Translated { get; } = new[]
    {
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "stop", "response_format",
        "tools", "tool_choice", "parallel_tool_calls",
        "temperature", "top_p", "seed", "presence_penalty", "frequency_penalty",
        "user", "metadata", "store", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier",
        "reasoning_effort", "verbosity",
    }.ToFrozenSet(StringComparer.Ordinal);
}
