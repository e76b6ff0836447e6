using LlmOps.Gateway.Providers.Offline.Maths;
using LlmOps.Gateway.Providers.Offline.Schemas;
using LlmOps.Gateway.Providers.Offline.Skills;
using LlmOps.Gateway.Providers.Offline.Summaries;
using LlmOps.Gateway.Providers.Offline.Tools;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>A complete answer of the offline model: a pure function of the request.</summary>
/// <param name="Id">Response id; the same for the same conversation.</param>
/// <param name="Contents">One text, or one or more tool calls.</param>
/// <param name="FinishReason">Why it ends.</param>
/// <param name="Usage">Tokens by <see cref="OfflineTokenizer"/>.</param>
internal sealed record OfflineAnswer(string Id, IReadOnlyList<AIContent> Contents, ChatFinishReason FinishReason, UsageDetails Usage)
{
    // The first that answers wins: what is most explicit comes first.
    private static readonly Func<Prompt, string?>[] Skills =
    [
        ToolResults.TryAnswer,
        Introduction.TryAnswer,
        Arithmetic.TryAnswer,
        Classification.TryAnswer,
        Repetition.TryAnswer,
        Summary.TryAnswer,
        Counting.TryAnswer,
        TextUtilities.TryAnswer,
        ContextAnswer.TryAnswer,
    ];

    /// <summary>Answers a conversation.</summary>
    public static OfflineAnswer To(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var prompt = Prompt.Read(messages, options);
        var calls = ToolSelection.Calls(prompt, options);
        if (calls.Count > 0)
        {
            return Create(prompt, calls, ChatFinishReason.ToolCalls);
        }

        string text = options?.ResponseFormat is ChatResponseFormatJson json
            ? SchemaAnswer.To(prompt, Skilled(prompt), json.Schema)
            : Skilled(prompt) ?? Echo.Answer(prompt);
        var (kept, reason) = AnswerLimits.Apply(text, options);
        return Create(prompt, [new TextContent(kept)], reason);
    }

    private static string? Skilled(Prompt prompt) => Skills.Select(skill => skill(prompt)).FirstOrDefault(answer => answer is not null);

    private static OfflineAnswer Create(Prompt prompt, IReadOnlyList<AIContent> contents, ChatFinishReason reason)
    {
        long output = contents.Sum(content => (long)OfflineTokenizer.Count(content));
        var usage = new UsageDetails { InputTokenCount = prompt.InputTokens, OutputTokenCount = output, TotalTokenCount = prompt.InputTokens + output };
        return new OfflineAnswer("chatcmpl-offline-" + prompt.Hash, contents, reason, usage);
    }
}
