using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Language;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline.Tools;

/// <summary>Whether a message asks for what a tool does, rather than speaks of it.</summary>
internal static partial class ToolRequest
{
    /// <summary>How much of a message is read, in UTF-16 units.</summary>
    private const int MaxScanned = 2_000;

    // Who asks for one of these asks for words, unless the tool is for just that.
    private static readonly HashSet<string> Writing = ["write", "compose", "draft", "rewrite", "translate", "explain", "describe", "define", "paraphrase", "imagine", "invent", "joke", "proofread"];
    private static readonly HashSet<string> Courtesies = ["please", "can", "could", "would", "you", "hi", "hello", "hey", "ok", "okay", "now"];

    /// <summary>Whether a message is a statement, thanks, an order for a text or forbids tools.</summary>
    public static bool IsNone(string message, AIFunctionDeclaration tool)
    {
        string scanned = message[..Math.Min(message.Length, MaxScanned)];
        string[] words = [.. Words.Of(scanned).SkipWhile(Courtesies.Contains).Take(2)];
        return Forbidden().IsMatch(scanned)
            || (words.Length > 0 && Writing.Contains(words[0]) && !ToolFit.IsAbout(tool, words[0]))
            || (!scanned.Contains('?', StringComparison.Ordinal) && IsStatement(words));
    }

    // "I love the weather" asks for nothing; "I need the weather" does.
    private static bool IsStatement(string[] start) =>
        start.Length == 2
        && (start[0] is "thanks" or "thank" or "sorry"
            || (start[0] is "i" or "we" or "my" or "our" or "it" or "he" or "she" or "they" or "the" or "this" or "that"
                && start[1] is not ("want" or "need" or "would" or "wish" or "must" or "should")));

    [GeneratedRegex(@"\b(don['’]?t|do not|never|without|no)\b[^.!?\n]{0,20}\b(tools?|functions?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Forbidden();
}
