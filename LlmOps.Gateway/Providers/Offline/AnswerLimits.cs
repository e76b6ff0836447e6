using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>Ends an answer where the request says it must end.</summary>
internal static class AnswerLimits
{
    /// <summary>The text up to the earliest stop sequence and of at most the asked tokens, with the reason it ends.</summary>
    public static (string Text, ChatFinishReason Reason) Apply(string text, ChatOptions? options)
    {
        int stop = (options?.StopSequences ?? [])
            .Where(sequence => !string.IsNullOrEmpty(sequence))
            .Select(sequence => text.IndexOf(sequence, StringComparison.Ordinal))
            .Where(at => at >= 0)
            .DefaultIfEmpty(text.Length)
            .Min();
        string kept = text[..stop];
        string cut = options?.MaxOutputTokens is { } max ? OfflineTokenizer.Cut(kept, max) : kept;
        return (cut, cut.Length < kept.Length ? ChatFinishReason.Length : ChatFinishReason.Stop);
    }
}
