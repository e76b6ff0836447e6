namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>Marks what stands in quotation marks or code. A quotation that is not closed soon is none.</summary>
internal struct QuoteTracker
{
    // In words. Longer ones are documents that somebody passes on, not words that somebody talks about.
    private const int LongestQuote = 80;
    private const int LongestCode = 1_500;

    private char _open;
    private int _from;

    /// <summary>Takes note of a mark, and marks the tokens that it ends a quotation of.</summary>
    public void Meet(ReadOnlySpan<char> text, int at, Span<Token> tokens)
    {
        var kind = Kind(text, at);
        if (kind == '\0')
        {
            return;
        }

        if (kind == _open && tokens.Length - _from <= (kind == '`' ? LongestCode : LongestQuote) && tokens.Length > _from)
        {
            foreach (ref var token in tokens[_from..])
            {
                token = token with { Marks = token.Marks | TokenMarks.Quoted };
            }

            _open = '\0';
        }
        else if (_open == '\0' || kind == _open || tokens.Length - _from > (_open == '`' ? LongestCode : LongestQuote))
        {
            (_open, _from) = (kind, tokens.Length);
        }
    }

    // One character for all marks that end each other; 0 for an apostrophe.
    private readonly char Kind(ReadOnlySpan<char> text, int at)
    {
        if (at > 0 && text[at - 1] == text[at])
        {
            // The rest of a fence.
            return '\0';
        }

        switch (text[at])
        {
            case '\'' or '‘' or '’':
                var isAfterWord = at > 0 && char.IsLetterOrDigit(text[at - 1]);
                var isBeforeWord = at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1]);
                return (isAfterWord && isBeforeWord) || (_open != '\'' && (isAfterWord || !isBeforeWord)) ? '\0' : '\'';
            case '`':
                return '`';
            case '「' or '」' or '『' or '』':
                return '「';
            case '«' or '»':
                return '«';
            default:
                return '"';
        }
    }
}
