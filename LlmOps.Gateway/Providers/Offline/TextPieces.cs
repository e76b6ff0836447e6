namespace LlmOps.Gateway.Providers.Offline;

/// <summary>Takes a text apart into the pieces in which it is streamed.</summary>
internal static class TextPieces
{
    /// <summary>Longest piece, in UTF-16 units; scripts without spaces would stream in one piece otherwise.</summary>
    private const int MaxLength = 24;

    /// <summary>Words with the whitespace before them; joined they are exactly <paramref name="text"/>, and no surrogate pair is split.</summary>
    public static IEnumerable<string> Of(string text)
    {
        int start = 0;
        bool inWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            bool white = char.IsWhiteSpace(text[i]);
            bool full = i - start >= MaxLength && !char.IsLowSurrogate(text[i]);
            if (i > start && ((inWord && white) || full))
            {
                yield return text[start..i];
                start = i;
            }

            inWord = !white;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }
}
