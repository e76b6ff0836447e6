using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>The ways in which a message can consist of an instruction and a text, the most explicit first.</summary>
internal static class TextSplits
{
    private static readonly string[] Labels = ["text", "article", "document", "input", "content", "passage", "transcript", "message"];

    /// <summary>Words a quotation needs to be a text and not a term.</summary>
    private const int QuotedWords = 3;

    /// <summary>Longest first paragraph or line that is tried as an instruction, in UTF-16 units.</summary>
    private const int MaxHead = 400;

    /// <summary>Yields the candidates lazily; either part may be empty.</summary>
    public static IEnumerable<(string Instruction, string Body)> Of(string message)
    {
        if (ContextBlock.Split(message) is { } block)
        {
            yield return (block.Question, block.Context);
        }

        foreach (var delimited in Delimited(message))
        {
            yield return delimited;
        }

        foreach (int colon in Colons(message))
        {
            yield return (message[..colon], WithoutLabel(message[(colon + 1)..]));
        }

        if (Quotes.FindFirst(message[..Math.Min(message.Length, InstructedText.MaxInstruction)]) is not null
            && Quotes.FindFirst(message) is var (start, length) && WordBudget.Count(message.Substring(start, length)) >= QuotedWords)
        {
            yield return (message[..(start - 1)] + " " + message[Math.Min(message.Length, start + length + 1)..], message.Substring(start, length));
        }

        foreach (string gap in (string[])["\n\n", "\n"])
        {
            int first = message.IndexOf(gap, StringComparison.Ordinal);
            if (first is >= 0 and <= MaxHead)
            {
                yield return (message[..first], WithoutLabel(message[first..]));
            }

            int last = message.LastIndexOf(gap, StringComparison.Ordinal);
            if (last >= 0)
            {
                yield return (message[last..], message[..last]);
            }
        }

        int firstEnd = Ends(message, 0).FirstOrDefault();
        if (firstEnd > 0)
        {
            yield return (message[..firstEnd], message[firstEnd..]);
        }

        int tail = Math.Max(0, message.Length - InstructedText.MaxInstruction);
        int lastEnd = Ends(message, tail).LastOrDefault(end => end < message.Length);
        if (lastEnd > 0)
        {
            yield return (message[lastEnd..], message[..lastEnd]);
        }
    }

    /// <summary>Removes a label such as "Text:" that starts a text.</summary>
    public static string WithoutLabel(string body)
    {
        string trimmed = body.TrimStart();
        int colon = trimmed.AsSpan(0, Math.Min(trimmed.Length, 16)).IndexOf(':');
        return colon > 0 && Labels.Contains(trimmed[..colon].Trim('*', ' '), StringComparer.OrdinalIgnoreCase) ? trimmed[(colon + 1)..].TrimStart('*') : body;
    }

    private static IEnumerable<(string Instruction, string Body)> Delimited(string message)
    {
        foreach (string mark in (string[])["\"\"\"", "'''", "```"])
        {
            int open = message.IndexOf(mark, StringComparison.Ordinal);
            int close = open < 0 ? -1 : message.LastIndexOf(mark, StringComparison.Ordinal);
            if (close > open)
            {
                yield return (message[..open] + "\n" + message[(close + mark.Length)..], message[(open + mark.Length)..close]);
            }
        }

        if (Tagged(message) is { } tagged)
        {
            yield return tagged;
        }

        int rule = message.IndexOf("\n---\n", StringComparison.Ordinal);
        if (rule >= 0)
        {
            int end = message.IndexOf("\n---", rule + 4, StringComparison.Ordinal);
            yield return end < 0
                ? (message[..rule], message[(rule + 5)..])
                : (message[..rule] + message[(end + 4)..], message[(rule + 5)..Math.Max(rule + 5, end)]);
            yield return (message[(rule + 5)..], message[..rule]);
        }
    }

    // The first <name>…</name>, of any name.
    private static (string Instruction, string Body)? Tagged(string message)
    {
        int open = message.AsSpan(0, Math.Min(message.Length, 2 * InstructedText.MaxInstruction)).IndexOf('<');
        int nameEnd = open < 0 ? -1 : message.IndexOf('>', open, Math.Min(40, message.Length - open));
        if (nameEnd <= open + 1)
        {
            return null;
        }

        string tag = message[open..(nameEnd + 1)];
        string close = "</" + tag[1..];
        int end = message.IndexOf(close, StringComparison.Ordinal);

        // "… the text in <text> tags: <text>…</text>" mentions the tag first.
        int start = end < 0 ? -1 : message.LastIndexOf(tag, end, StringComparison.Ordinal);
        return start >= 0 ? (message[..start] + "\n" + message[(end + close.Length)..], message[(start + tag.Length)..end]) : null;
    }

    // Colons that end a line, then those within the first sentence.
    private static IEnumerable<int> Colons(string message)
    {
        int limit = Math.Min(message.Length, InstructedText.MaxInstruction);
        for (int i = 0; i < limit - 1; i++)
        {
            bool quoted = message.AsSpan(0, i).Count('"') % 2 == 1;
            bool heads = message[i + 1] == '\n' || (message.AsSpan(0, i).IndexOf(". ") < 0 && message.AsSpan(0, i).IndexOf('\n') < 0);
            if (message[i] == ':' && !quoted && heads && char.IsWhiteSpace(message[i + 1]))
            {
                yield return i;
            }
        }
    }

    // Where sentences end in the part of a message that can hold an instruction.
    private static IEnumerable<int> Ends(string message, int from)
    {
        int limit = Math.Min(message.Length, from + InstructedText.MaxInstruction);
        for (int i = from; i < limit; i++)
        {
            if (message[i] is '.' or '!' or '?' or '。' && (i + 1 == message.Length || char.IsWhiteSpace(message[i + 1]) || message[i] == '。'))
            {
                yield return i + 1;
            }
        }
    }
}
