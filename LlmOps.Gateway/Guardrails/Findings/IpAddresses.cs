using System.Buffers;
using System.Net;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Finds addresses of hosts. Not loopback, multicast and network masks, which are nobody's; not four numbers right after "version"
/// and the like, or after a product and a slash (Chrome/120.0.0.0). A version with four small numbers and nothing before it
/// cannot be told from an address, and is taken for one.
/// </summary>
internal static class IpAddresses
{
    // Eight groups, the last two written as IPv4.
    private const int LongestV6 = 45;

    private static readonly SearchValues<char> V6 = SearchValues.Create("0123456789abcdefABCDEF:.");

    private static readonly string[] VersionWords = ["version", "versions", "ver", "build", "release", "firmware", "driver", "upgrade"];

    /// <summary>An IPv4 address.</summary>
    public static int MatchV4(ref Peek text, int start)
    {
        var (index, first) = (start, 0);
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && text[index++] != '.')
            {
                return -1;
            }

            var (begin, value) = (index, 0);
            while (index - begin < 4 && char.IsAsciiDigit(text[index]))
            {
                value = (value * 10) + text[index++] - '0';
            }

            if (index == begin || value > 255 || (text[begin] == '0' && index - begin > 1))
            {
                return -1;
            }

            first = part == 0 ? value : first;
        }

        return first is > 0 and < 224 and not 127 && Characters.EndsNumber(ref text, index) && !IsVersion(text.Text, start) ? index : -1;
    }

    /// <summary>Finds IPv6 addresses: those that begin with four hexadecimal digits of a range in use (2, 3 and f).</summary>
    public static void FindV6(ref Scan scan)
    {
        // A slice of Python's ([1::2]), a scope of C++'s or a hardware address has no such beginning.
        var text = scan.Text;
        for (var colon = Next(text, scan.From); colon >= 0; colon = Next(text, colon + 1))
        {
            var start = colon - 4;
            if (start >= 0 && text[start] is '2' or '3' or 'f' or 'F' && !text[start..colon].ContainsAnyExcept(V6)
                && (start == 0 || !(Characters.IsWord(text[start - 1]) || text[start - 1] is ':' or '.' or '-')))
            {
                scan.Try(FindingRules.Ip, start, MatchV6);
            }
        }
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var colon = text[from..].IndexOf(':');
        return colon < 0 ? -1 : from + colon;
    }

    private static int MatchV6(ref Peek text, int start)
    {
        var end = text.RunEnd(start, V6, LongestV6);
        var address = text.Text[start..end].TrimEnd('.');
        address = address.EndsWith(':') && !address.EndsWith("::") ? address[..^1] : address;
        var isWhole = start + address.Length < end || !Characters.IsWord(text[end]);
        return isWhole && address.Count(':') >= 2 && address.ContainsAnyInRange('0', '9') && IPAddress.TryParse(address, out _) ? start + address.Length : -1;
    }

    private static bool IsVersion(ReadOnlySpan<char> text, int start)
    {
        var before = Characters.Before(text, start, 24);
        if (before is [.., var product, '/'] && char.IsAsciiLetter(product))
        {
            return true;
        }

        before = before.TrimEnd(" :=\"'");
        foreach (var word in VersionWords)
        {
            if (before.EndsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
