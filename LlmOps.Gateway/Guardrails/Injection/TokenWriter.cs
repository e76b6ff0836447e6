namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>Writes down the words of a text as they are found; single letters in a row are put together to words.</summary>
internal ref struct TokenWriter(Vocabulary vocabulary, Span<Token> tokens, Span<char> spaced)
{
    /// <summary>The most letters in a row that are put together.</summary>
    public const int LongestSpaced = 256;

    // As many characters may stand between the letters of "i - g - n", and this many letters make it suspicious.
    private const int WidestSpacing = 4;
    private const int ShortestSpaced = 4;

    private readonly Span<Token> _tokens = tokens;
    private readonly Span<char> _spaced = spaced;
    private int _spacedCount;
    private int _spacedFrom;
    private int _spacedEnd;
    private TokenMarks _next = TokenMarks.Start;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Those that there are.</summary>
    public readonly Span<Token> Tokens => _tokens[..Count];

    /// <summary>Adds a word.</summary>
    public void Add(ushort word)
    {
        if (_spacedCount > 0)
        {
            EndSpaced();
        }

        Write(word);
    }

    /// <summary>Adds the end of a sentence or paragraph.</summary>
    public void AddBreak()
    {
        _next = TokenMarks.None;
        Write(Token.Break);
        _next = TokenMarks.Start;
    }

    /// <summary>The next word begins a line.</summary>
    public void StartLine() => _next = TokenMarks.Start;

    /// <summary>A colon follows the last word.</summary>
    public readonly void MarkColon()
    {
        if (Count > 0)
        {
            ref var last = ref _tokens[Count - 1];
            last = last with { Marks = last.Marks | TokenMarks.Colon };
        }
    }

    /// <summary>Adds words without spaces: the longest that is known, then the next; what lies between counts as one word, or as one for every two ideographs.</summary>
    public void AddCompound(ReadOnlySpan<char> letters, bool isIdeographic)
    {
        EndSpaced();
        WriteCompound(letters, isIdeographic);
    }

    /// <summary>Adds a letter that stands alone; it may be one of a word written with something between its letters.</summary>
    public void AddLetter(char letter, int start, int end)
    {
        if (_spacedCount > 0 && (start - _spacedEnd > WidestSpacing || _spacedCount == _spaced.Length))
        {
            EndSpaced();
        }

        if (_spacedCount == 0)
        {
            _spacedFrom = Count;
        }

        _spaced[_spacedCount++] = letter switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', _ => letter };
        _spacedEnd = end;
        Write(vocabulary.Find([letter]));
    }

    /// <summary>Puts the letters in a row before this place together, if there are enough of them.</summary>
    public void EndSpaced()
    {
        if (_spacedCount >= ShortestSpaced)
        {
            Count = _spacedFrom;
            WriteCompound(_spaced[.._spacedCount], isIdeographic: false);
        }

        _spacedCount = 0;
    }

    private void WriteCompound(ReadOnlySpan<char> letters, bool isIdeographic)
    {
        var unknown = 0;
        while (letters.Length > 0)
        {
            var (word, length) = vocabulary.FindLongest(letters, isIdeographic);
            if (length == 0)
            {
                if (unknown++ == 0 || (isIdeographic && unknown % 2 == 0))
                {
                    Write(Token.Unknown);
                }

                letters = letters[1..];
                continue;
            }

            unknown = 0;
            Write(word);
            letters = letters[length..];
        }
    }

    private void Write(ushort word)
    {
        _tokens[Count++] = new Token(word, _next);
        _next = TokenMarks.None;
    }
}
