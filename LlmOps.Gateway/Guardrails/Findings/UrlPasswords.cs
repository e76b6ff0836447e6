using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds the password of scheme://user:password@host. Not placeholders, nor a password that is the user's name, as in published defaults.</summary>
internal static class UrlPasswords
{
    private const int LongestUser = ITextDetector.Before - 5;
    private const int ShortestPassword = 3;
    private const int LongestPassword = 128;

    private static readonly SearchValues<char> User = Without(" \t\r\n\"'`<>{}|\\^/?#@:");
    private static readonly SearchValues<char> Password = Without(" \t\r\n\"'`<>{}|\\^/?#@");
    private static readonly string[] Usual = ["password", "passwd", "pass", "pwd", "pw", "secret", "token", "key"];

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        for (var scheme = Next(text, Math.Max(0, scan.From - ITextDetector.Before)); scheme >= 0; scheme = Next(text, scheme + 1))
        {
            if (scheme == 0 || !char.IsAsciiLetterOrDigit(text[scheme - 1]))
            {
                continue;
            }

            var peek = new Peek(text);
            var colon = peek.RunEnd(scheme + 3, User, LongestUser);
            if (peek[colon] != ':')
            {
                // Where a password will begin is not before the text's end.
                continue;
            }

            var start = colon + 1;
            var end = peek.RunEnd(start, Password, LongestPassword);
            var isPassword = peek[end] == '@' && IsPassword(text[start..end], text[(scheme + 3)..colon]);
            scan.Add(FindingRules.PasswordInUrl, start, isPassword ? end : -1, peek.MetEnd);
        }
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var scheme = text[from..].IndexOf("://");
        return scheme < 0 ? -1 : from + scheme;
    }

    private static bool IsPassword(ReadOnlySpan<char> password, ReadOnlySpan<char> user)
    {
        foreach (var usual in Usual)
        {
            if (password.Equals(usual, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return password.Length >= ShortestPassword && password[0] is not ('$' or '[') && password.ContainsAnyExcept("*.x") && !password.SequenceEqual(user)
            && !Randomness.IsPlaceholder(password);
    }

    private static SearchValues<char> Without(string characters) =>
        SearchValues.Create([.. Enumerable.Range(' ' + 1, 94).Select(code => (char)code).Except(characters)]);
}
