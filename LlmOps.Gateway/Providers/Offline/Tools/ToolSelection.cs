using LlmOps.Gateway.Providers.Offline.Summaries;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline.Tools;

/// <summary>Decides whether tools are called, which, and how often.</summary>
internal static class ToolSelection
{
    /// <summary>Most calls of one answer.</summary>
    private const int MaxCalls = 8;

    /// <summary>The calls; empty if the answer is a text.</summary>
    public static IReadOnlyList<AIContent> Calls(Prompt prompt, ChatOptions? options)
    {
        var required = options?.ToolMode as RequiredChatToolMode;
        var tools = (options?.Tools ?? []).OfType<AIFunctionDeclaration>()
            .Where(tool => required?.RequiredFunctionName is not { } name || tool.Name == name)
            .ToList();
        bool answersResults = prompt.ToolResults.Count > 0 && required is null;
        if (tools.Count == 0 || answersResults || options!.ToolMode is NoneChatToolMode)
        {
            return [];
        }

        var ranked = tools.Select(tool => (Tool: tool, Fit: ToolFit.Of(tool, prompt.User))).OrderByDescending(candidate => candidate.Fit.Score).ToList();
        // What a text to summarise is about is not what is asked.
        bool summarises = InstructedText.Split(prompt.User, SummaryRequest.IsAsked) is not null;
        foreach (var (tool, _) in ranked.Where(candidate => candidate.Fit.IsPlain && (!summarises || candidate.Tool.Name.Contains("summar", StringComparison.OrdinalIgnoreCase))))
        {
            if (ToolArguments.Extract(tool, prompt.User) is { Count: > 0 } found)
            {
                return Create(prompt, tool, found.Take(options.AllowMultipleToolCalls == false ? 1 : MaxCalls));
            }
        }

        return required is null ? [] : Create(prompt, ranked[0].Tool, [ToolArguments.Invent(ranked[0].Tool, prompt.User)]);
    }

    private static List<AIContent> Create(Prompt prompt, AIFunctionDeclaration tool, IEnumerable<IDictionary<string, object?>> calls) =>
        [.. calls.Select((arguments, i) => new FunctionCallContent($"call_{prompt.Hash}{i}", tool.Name, arguments))];
}
