namespace LlmOps.Gateway.Errors;

/// <summary>Callers' text in messages and logs: short, on one line.</summary>
internal static class Shown
{
    private const int Longest = 80;

    /// <summary>At most 80 characters; what is no visible ASCII becomes a question mark.</summary>
    public static string Short(string text)
    {
        var shown = text.Length <= Longest ? text : text[..Longest] + "...";
        return IsVisible(shown) ? shown : string.Create(shown.Length, shown, (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = source[index] is >= ' ' and <= '~' ? source[index] : '?';
            }
        });
    }

    /// <summary>Whether a text can stand in a header: visible ASCII, without white space.</summary>
    public static bool IsVisible(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
