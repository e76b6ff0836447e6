using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds e-mail addresses. Not those of SSH remotes (git@…), the user part of URLs, or file names such as icon@2x.png.</summary>
internal static class EmailAddresses
{
    /// <summary>The longest one that is found, with what is looked at behind it, in UTF-16 units.</summary>
    public const int Longest = LongestLocal + 1 + LongestDomain + 1;

    // RFC 5321's; longer ones are found in part.
    private const int LongestLocal = 64;

    // Of 255 in theory; nobody types more.
    private const int LongestDomain = 64;

    private static readonly SearchValues<char> NoUser = SearchValues.Create(" \t\r\n/?#,;()<>[]{}|\"'\\");
    private static readonly string[] FileEndings = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"];

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        for (var at = Next(text, scan.From); at >= 0; at = Next(text, at + 1))
        {
            var start = LocalStart(text, at);
            while (start < at && text[start] is '.' or '%' or '+' or '-')
            {
                start++;
            }

            if (start < at && text[at - 1] != '.' && !text[start..at].SequenceEqual("git") && !IsInUrl(text, start))
            {
                var peek = new Peek(text);
                var end = DomainEnd(ref peek, at + 1);
                scan.Add(FindingRules.Email, start, end, peek.MetEnd);
            }
        }

        scan.Hold(LocalStart(text, text.Length));
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var at = text[from..].IndexOf('@');
        return at < 0 ? -1 : from + at;
    }

    private static int LocalStart(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        while (start > 0 && at - start < LongestLocal && (Characters.IsLatin(text[start - 1]) || text[start - 1] is '.' or '_' or '%' or '+' or '-'))
        {
            start--;
        }

        return start;
    }

    private static bool IsInUrl(ReadOnlySpan<char> text, int start)
    {
        var before = Characters.Before(text, start, 64);
        var scheme = before.LastIndexOf("://");
        return scheme >= 0 && !before[(scheme + 3)..].ContainsAny(NoUser);
    }

    private static int DomainEnd(ref Peek text, int start)
    {
        var (index, limit, end) = (start, start + LongestDomain, -1);
        while (true)
        {
            var label = index;
            while (index < limit && (Characters.IsLatin(text[index]) || text[index] == '-'))
            {
                index++;
            }

            if (index == label)
            {
                // The full stop was the sentence's.
                return end;
            }

            end = label > start && IsTopLevel(text.Text[label..index]) ? index : -1;
            if (index == limit || text[index] != '.')
            {
                return end;
            }

            index++;
        }
    }

    private static bool IsTopLevel(ReadOnlySpan<char> label)
    {
        if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        foreach (var character in label)
        {
            if (!char.IsLetter(character))
            {
                return false;
            }
        }

        foreach (var ending in FileEndings)
        {
            if (label.Equals(ending, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return label.Length >= 2;
    }
}
