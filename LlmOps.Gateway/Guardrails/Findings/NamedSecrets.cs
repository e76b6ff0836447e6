using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Finds random tokens right after a word that calls them a secret (key, token, secret, password, bearer, …) and a colon, an equals
/// sign or, for bearer, a space. Alone, no token is one: it may be a hash, an identifier or data. After "key" hashes are none either.
/// </summary>
internal static class NamedSecrets
{
    private const int ShortestValue = 20;

    // More is data.
    private const int LongestValue = 256;

    private const int MostBetween = 4;

    private static readonly string[] Words = ["password", "passwd", "pwd", "secret", "token", "key", "bearer", "authorization", "credential"];
    private static readonly SearchValues<string> AnyWord = SearchValues.Create(Words, StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> Value = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=.~");
    private static readonly SearchValues<char> Between = SearchValues.Create(" \t\"'`*\\]");

    public static void Find(ref Scan scan)
    {
        var text = scan.Text;
        for (var word = Next(text, Math.Max(0, scan.From - ITextDetector.Before)); word < text.Length; word = Next(text, word + 1))
        {
            var peek = new Peek(text);
            var start = ValueStart(ref peek, word);
            if (start >= 0 && start < text.Length)
            {
                var end = peek.RunEnd(start, Value, LongestValue + 1);
                var value = text[start..end].TrimEnd(".=");
                var isSecret = value.Length >= ShortestValue && end - start <= LongestValue && !IsElse(ref peek, text[word..start], value, end) && Randomness.IsSecret(value);
                scan.Add(FindingRules.HighEntropy, start, isSecret ? end - TrailingDots(text[start..end]) : -1, peek.MetEnd);
            }
        }
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var word = from >= text.Length ? -1 : text[from..].IndexOfAny(AnyWord);
        return word < 0 ? text.Length : from + word;
    }

    // From the word on: "api_key": "…", token=…, Authorization: Bearer …; -1 where no value follows.
    private static int ValueStart(ref Peek text, int word)
    {
        var index = word;
        foreach (var name in Words)
        {
            if (text.Text[word..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                index += name.Length;
                break;
            }
        }

        var isBearer = char.ToLowerInvariant(text[word]) == 'b';
        index += text[index] is 's' or 'S' ? 1 : 0;
        var after = text.RunEnd(index, Between, MostBetween);
        var sign = after;
        while (sign - after < 2 && text[sign] is ':' or '=' or '>')
        {
            sign++;
        }

        if (sign == after && !(isBearer && after > index))
        {
            return -1;
        }

        index = text.RunEnd(sign, Between, MostBetween);
        foreach (var scheme in (ReadOnlySpan<string>)["Bearer ", "Basic ", "Token "])
        {
            if (text.Has(index, scheme))
            {
                return index + scheme.Length;
            }
        }

        return index;
    }

    // A path, a URL, a name with dots, a call, or a hash that is a key only to a cache.
    private static bool IsElse(ref Peek text, ReadOnlySpan<char> word, ReadOnlySpan<char> value, int end)
    {
        var isHash = value.Length is 32 or 40 or 64 && !value.ContainsAnyExcept(Characters.Hexadecimal);
        return text[end] is '(' or ':' || value[0] is '/' or '.' || value.Count('.') > 2 || value.Count('/') > 4
            || (isHash && word.StartsWith("key", StringComparison.OrdinalIgnoreCase));
    }

    private static int TrailingDots(ReadOnlySpan<char> value) => value.Length - value.TrimEnd('.').Length;
}
