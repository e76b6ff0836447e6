using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds secrets that begin with a mark of their own: provider keys, JWTs and private keys.</summary>
internal static class MarkedSecrets
{
    private static readonly string[] Marks = [.. ProviderKeys.Marks, JsonWebTokens.Mark, PrivateKeys.Mark];
    private static readonly int LongestMark = Marks.Max(mark => mark.Length);

    // Ordinary text has few such signs, but much that begins like one of the marks: those with a sign in them are looked for by it.
    private static readonly SearchValues<char> Signs = SearchValues.Create("-_.");
    private static readonly Mark[] Signed = [.. Marks.Select(mark => new Mark(mark, mark.AsSpan().IndexOfAny(Signs))).Where(mark => mark.Sign >= 0).OrderByDescending(mark => mark.Sign)];

    // By what stands before the sign.
    private static readonly Mark[][] ByLetter = [.. Enumerable.Range(0, 128).Select(code => Signed.Where(mark => mark.Sign == 0 || mark.Text[mark.Sign - 1] == code).ToArray())];
    private static readonly SearchValues<string> Unsigned = SearchValues.Create([.. Marks.Except(Signed.Select(mark => mark.Text))], StringComparison.Ordinal);

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        var (signed, unsigned) = (NextSigned(text, scan.From), NextUnsigned(text, scan.From));
        while (Math.Min(signed, unsigned) is var start && start < text.Length)
        {
            Try(ref scan, start);
            signed = signed > start ? signed : NextSigned(text, start + 1);
            unsigned = unsigned > start ? unsigned : NextUnsigned(text, start + 1);
        }

        HoldBeginnings(ref scan);
    }

    private static void Try(ref Scan scan, int start)
    {
        var text = scan.Text;
        if (text[start..].StartsWith(PrivateKeys.Mark))
        {
            scan.Try(FindingRules.PrivateKey, start, PrivateKeys.Match);
        }
        else if (start == 0 || !(char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '-'))
        {
            var isToken = text[start..].StartsWith(JsonWebTokens.Mark);
            scan.Try(isToken ? FindingRules.Jwt : FindingRules.ProviderKey, start, isToken ? JsonWebTokens.Match : ProviderKeys.Match);
        }
    }

    // Where the next mark with a sign begins; the text's length where there is none.
    private static int NextSigned(ReadOnlySpan<char> text, int from)
    {
        for (var at = from; at < text.Length; at++)
        {
            var sign = text[at..].IndexOfAny(Signs);
            if (sign < 0)
            {
                break;
            }

            at += sign;
            foreach (var mark in ByLetter[at > 0 && char.IsAscii(text[at - 1]) ? text[at - 1] : 0])
            {
                var start = at - mark.Sign;
                if (start >= from && text[start..].StartsWith(mark.Text))
                {
                    return start;
                }
            }
        }

        return text.Length;
    }

    private static int NextUnsigned(ReadOnlySpan<char> text, int from)
    {
        var mark = text[from..].IndexOfAny(Unsigned);
        return mark < 0 ? text.Length : from + mark;
    }

    private static void HoldBeginnings(ref Scan scan)
    {
        var text = scan.Text;
        for (var length = Math.Min(LongestMark - 1, text.Length); length > 0; length--)
        {
            var end = text[^length..];
            foreach (var mark in Marks)
            {
                if (mark[0] == end[0] && mark.AsSpan().StartsWith(end))
                {
                    scan.Hold(text.Length - length);
                    return;
                }
            }
        }
    }

    // A mark, and where its first sign is; -1 for none.
    private readonly record struct Mark(string Text, int Sign);
}
