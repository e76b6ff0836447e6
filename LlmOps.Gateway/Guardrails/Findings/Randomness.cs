namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Tells random characters from words, names and placeholders.</summary>
internal static class Randomness
{
    // Hexadecimal digits have 4 bits at most, and words about as much: entropy alone tells no secret.
    private const double LeastBits = 3;

    // Letters and digits without a break: with a digit among them, or longer than any word.
    private const int RunWithDigit = 10;
    private const int RunOfLetters = 20;

    private static readonly string[] Placeholders =
        ["your", "placeholder", "xxxx", "changeme", "change_me", "redacted", "insert", "replace", "api-key", "api_key", "apikey"];

    /// <summary>Whether what follows a provider's mark is a key: it has a long run of letters and digits that are no words.</summary>
    public static bool IsKey(ReadOnlySpan<char> key)
    {
        return HasRandomRun(key) && Entropy(key) >= LeastBits && !IsPlaceholder(key);
    }

    /// <summary>Whether a value that is called a secret is one: long, of letters and digits that take turns as in no word, and no UUID.</summary>
    public static bool IsSecret(ReadOnlySpan<char> value)
    {
        var (turns, digits, letters) = (0, 0, 0);
        for (var place = 0; place < value.Length; place++)
        {
            digits += char.IsAsciiDigit(value[place]) ? 1 : 0;
            letters += char.IsAsciiLetter(value[place]) ? 1 : 0;
            turns += place > 0 && Turns(value[place - 1], value[place]) ? 1 : 0;
        }

        // Random characters change between capitals, small letters and digits at nearly every second place; names and paths do not.
        return digits > 1 && letters > 1 && turns * 4 >= value.Length && Entropy(value) >= LeastBits && !IsPlaceholder(value) && !Guid.TryParseExact(value, "D", out _);
    }

    /// <summary>Whether somebody stands for a secret here: "your-key", "xxxx".</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        foreach (var placeholder in Placeholders)
        {
            if (value.Contains(placeholder, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        // In capitals it ends the keys of AWS's documentation, which have the form of true ones in all else.
        return value.Contains("example", StringComparison.Ordinal);
    }

    // A capital before a small letter is how words begin.
    private static bool Turns(char one, char other) =>
        (char.IsAsciiDigit(one) && char.IsAsciiLetter(other)) || (char.IsAsciiLetter(one) && char.IsAsciiDigit(other))
        || (char.IsAsciiLetterLower(one) && char.IsAsciiLetterUpper(other));

    // Names such as sk-chase-dot-before2 have no long part with a digit in it.
    private static bool HasRandomRun(ReadOnlySpan<char> key)
    {
        foreach (var part in key.SplitAny("-_."))
        {
            var run = key[part];
            if (run.Length >= RunOfLetters || (run.Length >= RunWithDigit && run.ContainsAnyInRange('0', '9')))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Shannon's entropy of the characters, in bits for each; characters beyond ASCII count as one.</summary>
    private static double Entropy(ReadOnlySpan<char> value)
    {
        Span<int> counts = stackalloc int[129];
        foreach (var character in value)
        {
            counts[Math.Min(character, (char)128)]++;
        }

        var bits = 0.0;
        foreach (var count in counts)
        {
            bits -= count == 0 ? 0 : (double)count / value.Length * Math.Log2((double)count / value.Length);
        }

        return bits;
    }
}
