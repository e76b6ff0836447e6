using System.Numerics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Takes a text apart into words of the vocabulary, once from left to right. What hides words is undone on the way: characters that
/// nobody sees, other alphabets, digits for letters, letters with something between them, words without spaces, misspellings.
/// </summary>
internal ref struct TextScanner
{
    private const int ShortestCompound = PlainWords.Longest + 1;
    private const int ShortestEncoded = 20;

    private readonly Vocabulary _vocabulary;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<char> _word;
    private QuoteTracker _quotes;
    private TokenWriter _writer;

    private TextScanner(Vocabulary vocabulary, ReadOnlySpan<char> text, Span<Token> tokens, Span<char> buffer)
    {
        _vocabulary = vocabulary;
        _text = text;
        _word = buffer[..Vocabulary.LongestWord];
        _writer = new TokenWriter(vocabulary, tokens, buffer[Vocabulary.LongestWord..]);
    }

    /// <summary>The tokens that a text has at most.</summary>
    public static int MostTokens(int characters) => characters + 1;

    /// <summary>Scans a text into tokens, and says how many.</summary>
    /// <param name="vocabulary">The words that are known.</param>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Has <see cref="MostTokens"/>.</param>
    /// <param name="encoded">Words that may be encoded text are added here.</param>
    /// <param name="takesShortcuts">Whether plain words are read as such, which is faster, and of no other consequence.</param>
    public static int Scan(Vocabulary vocabulary, ReadOnlySpan<char> text, Span<Token> tokens, ref List<Range>? encoded, bool takesShortcuts)
    {
        Span<char> buffer = stackalloc char[Vocabulary.LongestWord + TokenWriter.LongestSpaced];
        var scanner = new TextScanner(vocabulary, text, tokens, buffer);
        if (takesShortcuts)
        {
            Span<byte> window = stackalloc byte[AsciiWindow.BufferSize];
            scanner.RunPlain(new AsciiWindow(window), ref encoded);
        }
        else
        {
            scanner.Run(ref encoded);
        }

        scanner._writer.EndSpaced();
        return scanner._writer.Count;
    }

    private void Run(ref List<Range>? encoded)
    {
        for (var at = 0; at < _text.Length;)
        {
            at = Step(at, ref encoded);
        }
    }

    // The same, but that plain words are looked up together: where each begins is known from the kinds of many characters at once, so
    // that one is read while others are still looked up.
    private void RunPlain(AsciiWindow window, ref List<Range>? encoded)
    {
        var words = _vocabulary.Plain;
        var done = 0;
        for (var from = 0; from < _text.Length; from += AsciiWindow.Size)
        {
            window.Move(_text, from);
            for (var block = 0; block < AsciiWindow.Size && from + block < _text.Length; block += 64)
            {
                for (var items = window.Items(block); items != 0; items &= items - 1)
                {
                    var at = block + BitOperations.TrailingZeroCount(items);
                    if (from + at < done)
                    {
                        continue;
                    }

                    var length = window.Letters(at);
                    if (length is > 1 and <= PlainWords.Longest && PlainWords.EndsAt(window.Text, at + length))
                    {
                        _writer.Add(words.Find(window.Text, at, length));
                    }
                    else if (length == 1 && PlainWords.EndsAt(window.Text, at + 1))
                    {
                        _writer.AddLetter((char)window.Text[at], from + at, from + at + 1);
                    }
                    else if (length == 0 && window.Digits(at) is > 1 and <= PlainWords.Longest and var digits && PlainWords.EndsAt(window.Text, at + digits))
                    {
                        _writer.Add(_vocabulary.FindNumber(_text.Slice(from + at, digits)));
                    }
                    else
                    {
                        // No item begins where that ends amid letters and digits, as after a marker or the longest word.
                        done = from + at;
                        do
                        {
                            done = Step(done, ref encoded);
                        }
                        while (done < _text.Length && char.IsAsciiLetterOrDigit(_text[done]) && char.IsAsciiLetterOrDigit(_text[done - 1]));
                    }
                }
            }
        }
    }

    // Reads what stands at a place, and says where to go on.
    private int Step(int at, ref List<Range>? encoded)
    {
        var kinds = Folding.Kinds;
        var c = _text[at];
        switch (kinds[c])
        {
            case CharacterKind.Letter or CharacterKind.Digit or CharacterKind.Surrogate:
                var end = Word(at);
                if (end - at >= ShortestEncoded)
                {
                    (encoded ??= []).Add(at..end);
                }

                return end;
            case CharacterKind.Ideograph:
                return Ideographs(at);
            case CharacterKind.NewLine:
                _writer.StartLine();
                if (at + 1 < _text.Length && _text[at + 1] is '\n' or '\r')
                {
                    _writer.AddBreak();
                }

                break;
            case CharacterKind.SentenceEnd:
                if (EndsSentence(at))
                {
                    _writer.AddBreak();
                }

                if (c == '!' && at + 1 < _text.Length && _text[at + 1] == '[')
                {
                    return Marker(at);
                }

                break;
            case CharacterKind.Quote:
                _quotes.Meet(_text, at, _writer.Tokens);
                break;
            case CharacterKind.Marker:
                return Marker(at);
            case CharacterKind.Colon:
                if (at > 0 && kinds[_text[at - 1]] is CharacterKind.Letter or CharacterKind.Ideograph)
                {
                    _writer.MarkColon();
                }

                break;
        }

        return at + 1;
    }

    // Collects a word in folded form, and adds it; where it ends. A very long one is taken in pieces.
    private int Word(int start)
    {
        var (length, at) = (0, start);
        var (hasDigit, hasLatin, hasLookalike) = (false, false, false);

        // The digits that it begins with, if it does.
        while (at < _text.Length && length < _word.Length && char.IsAsciiDigit(_text[at]))
        {
            _word[length++] = _text[at++];
        }

        hasDigit = length > 0;
        int width;
        for (; at < _text.Length && length < _word.Length && !EndsWord(_text[at]); at += width)
        {
            (var folded, width) = Character(at, isInside: length > 0);
            if (width == 0)
            {
                break;
            }

            if (folded != '\0')
            {
                hasDigit |= folded < 'a';
                hasLatin |= folded is >= 'a' and <= 'z';
                hasLookalike |= folded > 'z';
                _word[length++] = folded;
            }
        }

        if (length == 0)
        {
            return Math.Max(at, start + 1);
        }

        if (length == 1 && _word[0] <= 'z')
        {
            _writer.AddLetter(_word[0], start, at);
            return at;
        }

        var word = _word[..length];
        var found = _vocabulary.Find(word);
        if (found == Token.Unknown)
        {
            found = DisguisedWords.Find(_vocabulary, word, hasDigit, hasLatin, hasLookalike);
        }

        if (found == Token.Unknown && length >= ShortestCompound && !hasDigit)
        {
            _writer.AddCompound(word, isIdeographic: false);
        }
        else
        {
            _writer.Add(found);
        }

        return at;
    }

    // A word's next character in folded form, 0 for one that nobody sees, and how long it is; length 0 where the word ends.
    private readonly (char Folded, int Width) Character(int at, bool isInside)
    {
        var c = _text[at];
        switch (Folding.Kinds[c])
        {
            case CharacterKind.Letter or CharacterKind.Digit:
                return (Folding.Folded[c], 1);
            case CharacterKind.Ignored:
                return ('\0', 1);
            case CharacterKind.Surrogate:
                var width = at + 1 < _text.Length && char.IsSurrogatePair(c, _text[at + 1]) ? 2 : 1;
                var folded = width == 2 ? Folding.FoldedPair(c, _text[at + 1]) : '\0';
                return (folded, folded == '\0' && isInside ? 0 : width);
            default:
                // don't, p@ssword, pa$$word: inside of a word only.
                return isInside && at + 1 < _text.Length && Folding.Kinds[_text[at + 1]] is CharacterKind.Letter or CharacterKind.Digit
                    ? c switch { '\'' or '’' => ('\0', 1), '|' => ('1', 1), '@' or '$' or '!' => (c, 1), _ => ('\0', 0) }
                    : ('\0', 0);
        }
    }

    private int Ideographs(int start)
    {
        var folds = Folding.Folded;
        var kinds = Folding.Kinds;
        var (length, at) = (0, start);
        for (; at < _text.Length && length < _word.Length; at++)
        {
            if (kinds[_text[at]] == CharacterKind.Ideograph)
            {
                _word[length++] = folds[_text[at]];
            }
            else if (kinds[_text[at]] != CharacterKind.Ignored)
            {
                break;
            }
        }

        _writer.AddCompound(_word[..length], isIdeographic: true);
        return at;
    }

    // A marker of a chat's turns, as <|im_start|>; else one character of no meaning.
    private int Marker(int at)
    {
        Span<char> ahead = stackalloc char[24];
        var count = Math.Min(ahead.Length, _text.Length - at);
        for (var index = 0; index < count; index++)
        {
            ahead[index] = _text[at + index] is '\n' or '\t' or '_' ? ' ' : Folding.Folded[_text[at + index]];
        }

        var (word, length) = _vocabulary.FindLongest(ahead[..count], isIdeographic: true);
        if (length < 2)
        {
            return at + 1;
        }

        _writer.Add(word);
        return at + length;
    }

    private static bool EndsWord(char c) => c < 128 && PlainWords.EndsBefore((byte)c);

    private readonly bool EndsSentence(int at) =>
        _text[at] > '\u007f' || at + 1 == _text.Length || char.IsWhiteSpace(_text[at + 1]) || Folding.Kinds[_text[at + 1]] == CharacterKind.Quote;
}
