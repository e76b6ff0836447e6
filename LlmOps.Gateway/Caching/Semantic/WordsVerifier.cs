using LlmOps.Gateway.Caching.Semantic.Words;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>
/// Consents where two questions say the same in the same words, apart from those that say nothing and those that say the same
/// everywhere (see <see cref="CanonicalPrompt"/>). No similarity of vectors tells "enable" from "disable", or 2+2 from 2+3.
/// </summary>
internal static class WordsVerifier
{
    private static readonly HashSet<string> Negations = ["not", "no", "never", "without", "none", "nor", "neither", "unless", "except", "no_longer", "nobody", "nothing"];

    private static readonly HashSet<string> Tenses = ["BE", "WAS", "did", "can", "could", "will", "would", "should", "shall", "may", "might", "must"];

    /// <summary>Why two questions are not the same; null where they are.</summary>
    public static string? Refusal(string question, string known) => Refusal(CanonicalPrompt.Of(question), CanonicalPrompt.Of(known));

    /// <summary>Why two questions are not the same whatever else their words say: numbers, quoted text, operators, negations or names differ; null where none of them do.</summary>
    public static string? FactRefusal(string question, string known) => FactRefusal(CanonicalPrompt.Of(question), CanonicalPrompt.Of(known));

    private static string? FactRefusal(CanonicalPrompt one, CanonicalPrompt other) =>
        !one.Literals.SequenceEqual(other.Literals, StringComparer.Ordinal) ? "quoted text"
        : !Same(one, other, token => token.Kind == PromptTokenKind.Number) ? "numbers"
        : !Same(one, other, token => token.Kind == PromptTokenKind.Symbol) ? "operators"
        : !Same(one, other, token => Negations.Contains(token.Text)) ? "negation"
        : !Same(one, other, token => token.Kind == PromptTokenKind.Word && char.IsUpper(token.Text[0]) && !Tenses.Contains(token.Text)) ? "names"
        : null;

    private static string? Refusal(CanonicalPrompt one, CanonicalPrompt other) =>
        FactRefusal(one, other) is { } fact ? fact
        : one.Type != other.Type || (one.End == '!') != (other.End == '!') || (one.End != other.End && one.End != ' ' && other.End != ' ' && (one.End == '?' || other.End == '?')) ? "kind of question"
        : !Same(one, other, token => Tenses.Contains(token.Text)) ? "tense"
        : Same(one, other, _ => true) ? null
        : one.Tokens.Count == other.Tokens.Count && one.Tokens.Select(Text).Order(StringComparer.Ordinal).SequenceEqual(other.Tokens.Select(Text).Order(StringComparer.Ordinal)) ? "order of words"
        : "words";

    private static bool Same(CanonicalPrompt one, CanonicalPrompt other, Func<PromptToken, bool> which) =>
        one.Tokens.Where(which).Select(Text).SequenceEqual(other.Tokens.Where(which).Select(Text), StringComparer.Ordinal);

    private static string Text(PromptToken token) => token.Text;
}
