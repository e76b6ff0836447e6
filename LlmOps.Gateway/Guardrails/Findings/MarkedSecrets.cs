using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds secrets that begin with a mark of their own: provider keys, JWTs and private keys.</summary>
internal static class MarkedSecrets
{
    private static readonly string[] Marks = [.. ProviderKeys.Marks, JsonWebTokens.Mark, PrivateKeys.Mark];
    private static readonly SearchValues<string> AnyMark = SearchValues.Create(Marks, StringComparison.Ordinal);
    private static readonly int LongestMark = Marks.Max(mark => mark.Length);

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        for (var start = Next(text, scan.From); start >= 0; start = Next(text, start + 1))
        {
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

        HoldBeginnings(ref scan);
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var mark = text[from..].IndexOfAny(AnyMark);
        return mark < 0 ? -1 : from + mark;
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
}
