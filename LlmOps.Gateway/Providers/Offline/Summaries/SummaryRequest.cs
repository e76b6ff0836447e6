using System.Text.RegularExpressions;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>Recognises a request to shorten a text, in English and a few words of German, Spanish, French, Italian and Portuguese.</summary>
internal static partial class SummaryRequest
{
    /// <summary>How much of a system prompt is read for it, in UTF-16 units.</summary>
    private const int MaxSystem = 8_000;

    /// <summary>Whether a user's instruction asks for it. "In summary, …" and "To summarise, …" ask for nothing.</summary>
    public static bool IsAsked(string instruction) =>
        Asks().IsMatch(StatesSummary().Replace(instruction, ","));

    /// <summary>Whether a system prompt sets it as the task; there a mention is enough.</summary>
    public static bool IsSet(string system) => Mentions().IsMatch(system.Length > MaxSystem ? system[..MaxSystem] : system);

    [GeneratedRegex(@"\b(in summary|to (summari[sz]e|sum up)),", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex StatesSummary();

    [GeneratedRegex(
        @"\b(summari[sz]e|summari[sz]ing|shorten|condense|abridge|recap|sum up|boil (it |this )?down|tl;?\s?dr)\b"
        + @"|\b(give|write|provide|create|make|produce|generate|prepare|need|want|get|show|list|extract|return|what are|identify|find)\b[^.!?\n]{0,60}\b(summary|summaries|abstract|synopsis|gist|recap|(key|main) (points|ideas|takeaways)|takeaways)\b"
        + @"|^\W*((short|brief|concise|quick|one|two|three|\d+)[ -](\w+[ -])?)*(summary|key points|main points|takeaways|gist|synopsis)\b[^.!?]{0,60}[:.]?\s*$"
        + @"|\b(fasse?|fass)\b[^.!?\n]{0,120}\bzusammen\b|\bzusammenfass\w*|\bkürze\b"
        + @"|^\W*(por favor,? )?resume (el|la|los|las|este|esta|esto|en|lo|un|me)\b|\bresúme(lo|la|me)?\b|\bresumir\b|\b(un|el) resumen\b"
        + @"|\brésume[rz]?\b|\b(un|le) résumé\b|\briassum(i|ere|ilo|imi)\b|\b(un|il) riassunto\b|\bsintetizza\b|\bresum[ao]\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Asks();

    [GeneratedRegex(
        @"\bsummar(y|ies|i[sz]\w*)\b|\btl;?\s?dr\b|\b(shorten|condense|abridge)\w*|\b(key|main) (points|takeaways)\b|\bzusammen(fass\w*|zufassen)\b|\b(fasse?|fass)\b[^.!?\n]{0,120}\bzusammen\b"
        + @"|\bresum(e|es|a|ir|en|o)\b|\brésum\w*|\briassu\w*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Mentions();
}
