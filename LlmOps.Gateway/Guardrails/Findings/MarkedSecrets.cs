using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds secrets that begin with a mark of their own: provider keys, JWTs and private keys.</summary>
internal static class MarkedSecrets
{
    private static readonly string[] Marks = [.. ProviderKeys.Marks, JsonWebTokens.Mark, PrivateKeys.Mark];
    private static readonly int LongestMark = Marks.Max(mark => mark.Length);

    // Much of ordinary text begins like one of the marks. So those with a sign in them are looked for by it and what stands before it, or
    // behind it where it is the first. None begins like another.
    private static readonly SearchValues<char> Signs = SearchValues.Create("-_.");
    private static readonly Mark[] Sought = [.. Marks.Select(Mark.Of).OrderByDescending(mark => mark.Offset)];
    private static readonly SearchValues<string> Tells = SearchValues.Create([.. Sought.Select(mark => mark.Tell)], StringComparison.Ordinal);

    // By their first character, and by that of what they are looked for by.
    private static readonly string[][] ByFirst = [.. Enumerable.Range(0, 128).Select(code => Marks.Where(mark => mark[0] == code).ToArray())];
    private static readonly Mark[][] ByTell = [.. Enumerable.Range(0, 128).Select(code => Sought.Where(mark => mark.Tell[0] == code).ToArray())];

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        for (var tell = Next(text, scan.From); tell < text.Length; tell = Next(text, tell + 1))
        {
            var tried = -1;
            foreach (var mark in ByTell[text[tell]])
            {
                var start = tell - mark.Offset;
                if (start >= scan.From && start != tried && text[start..].StartsWith(mark.Text))
                {
                    Try(ref scan, start);
                    tried = start;
                }
            }
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

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var tell = text[from..].IndexOfAny(Tells);
        return tell < 0 ? text.Length : from + tell;
    }

    private static void HoldBeginnings(ref Scan scan)
    {
        var text = scan.Text;
        for (var start = Math.Max(0, text.Length - LongestMark + 1); start < text.Length; start++)
        {
            foreach (var mark in char.IsAscii(text[start]) ? ByFirst[text[start]] : [])
            {
                if (mark.AsSpan().StartsWith(text[start..]))
                {
                    scan.Hold(start);
                    return;
                }
            }
        }
    }

    // A mark, a part of it that is looked for, and where in it that begins.
    private readonly record struct Mark(string Text, string Tell, int Offset)
    {
        public static Mark Of(string text) => text.AsSpan().IndexOfAny(Signs) switch
        {
            < 0 => new(text, text, 0),
            0 => new(text, text[..2], 0),
            var sign => new(text, text.Substring(sign - 1, 2), sign - 1),
        };
    }
}
