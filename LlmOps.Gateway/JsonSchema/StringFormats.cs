using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>The values of <c>format</c> that are checked.</summary>
internal static partial class StringFormats
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private const int MaxHostNameLength = 253;
    private const int MaxLocalPartLength = 64;
    private const int DateLength = 10;

    private static readonly Dictionary<string, Predicate<string>> All = new()
    {
        ["date"] = IsDate,
        ["time"] = IsTime,
        ["date-time"] = text => text.Length > DateLength && text[DateLength] is 'T' or 't' && IsDate(text[..DateLength]) && IsTime(text[(DateLength + 1)..]),
        ["email"] = IsEmail,
        ["uuid"] = text => Uuid().IsMatch(text),
        ["uri"] = IsUri,
        ["ipv4"] = text => Ipv4().IsMatch(text),
        ["ipv6"] = IsIpv6,
        ["hostname"] = IsHostName,
    };

    /// <summary>All names, for messages.</summary>
    public static string Known { get; } = string.Join(", ", All.Keys);

    /// <summary>The check of a format; null where there is none of that name.</summary>
    public static Predicate<string>? Find(string name) => All.GetValueOrDefault(name);

    // RFC 3339, whose years begin with 0000, a leap year.
    private static bool IsDate(string text) =>
        Date().IsMatch(text)
        && Number(text.AsSpan(8)) <= (Number(text.AsSpan(5, 2)) == 2 && text.StartsWith("0000", StringComparison.Ordinal)
            ? 29
            : DateTime.DaysInMonth(Math.Max(1, Number(text.AsSpan(0, 4))), Number(text.AsSpan(5, 2))));

    private static bool IsTime(string text)
    {
        if (!Time().IsMatch(text))
        {
            return false;
        }

        if (!text.AsSpan(6).StartsWith("60"))
        {
            return true;
        }

        // A leap second is the last one of a day of UTC.
        const int Day = 24 * 60;
        var minutes = (Number(text.AsSpan(0, 2)) * 60) + Number(text.AsSpan(3, 2));
        if (text[^1] is not ('Z' or 'z'))
        {
            var offset = (Number(text.AsSpan(text.Length - 5, 2)) * 60) + Number(text.AsSpan(text.Length - 2));
            minutes += text[^6] == '-' ? offset : -offset;
        }

        return (minutes + Day) % Day == Day - 1;
    }

    private static bool IsEmail(string text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > MaxLocalPartLength || !LocalPart().IsMatch(text[..at]))
        {
            return false;
        }

        var domain = text[(at + 1)..];
        return domain is not ['[', .., ']'] ? IsHostName(domain)
            : domain.StartsWith("[IPv6:", StringComparison.OrdinalIgnoreCase) ? IsIpv6(domain[6..^1])
            : Ipv4().IsMatch(domain[1..^1]);
    }

    // RFC 3986, with a scheme.
    private static bool IsUri(string text)
    {
        var match = AbsoluteUri().Match(text);
        return match.Success && (!match.Groups["ip"].Success || IsIpv6(match.Groups["ip"].Value));
    }

    // .NET's parser takes ports, prefixes and zones as well, and numbers that begin with zero.
    private static bool IsIpv6(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return text.All(letter => char.IsAsciiHexDigit(letter) || letter is ':' or '.')
            && (dot < 0 || Ipv4().IsMatch(text[(text.LastIndexOf(':') + 1)..]))
            && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    private static bool IsHostName(string text) => text.Length <= MaxHostNameLength && HostName().IsMatch(text);

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\z", Options)]
    private static partial Regex Date();

    [GeneratedRegex(@"^([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+\-]([01][0-9]|2[0-3]):[0-5][0-9])\z", Options)]
    private static partial Regex Time();

    [GeneratedRegex(@"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z", Options)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.|\z)){4}(?<=[0-9])\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"^[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();

    [GeneratedRegex(@"^([a-zA-Z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\-]+)*|""([ !#-\[\]-~]|\\[ -~])*"")\z", Options)]
    private static partial Regex LocalPart();

    [GeneratedRegex(
        @"^[a-zA-Z][a-zA-Z0-9+.\-]*:((//(([a-zA-Z0-9._~!$&'()*+,;=:\-]|%[0-9a-fA-F]{2})*@)?(\[(?<ip>[^\]]*)\]|([a-zA-Z0-9._~!$&'()*+,;=\-]|%[0-9a-fA-F]{2})*)(:[0-9]*)?(?=[/?#]|\z))|(?!//))([a-zA-Z0-9._~!$&'()*+,;=:@/\-]|%[0-9a-fA-F]{2})*(\?([a-zA-Z0-9._~!$&'()*+,;=:@/?\-]|%[0-9a-fA-F]{2})*)?(#([a-zA-Z0-9._~!$&'()*+,;=:@/?\-]|%[0-9a-fA-F]{2})*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AbsoluteUri();
}
