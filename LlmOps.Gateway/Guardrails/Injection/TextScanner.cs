using System.Numerics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Takes a text apart into words of the vocabulary, once from left to right. What hides words is undone on the way: characters that
/// nobody sees, other alphabets, digits for letters, letters with something between them, words without spaces, misspellings.
/// </summary>
internal ref struct TextScanner
{
    private const int ShortestCompound = 14;
    private const int ShortestEncoded = 20;

    private readonly Vocabulary _vocabulary;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<char> _word;
    private readonly bool _takesShortcuts;
    private QuoteTracker _quotes;
    private TokenWriter _writer;

    // Which characters are ASCII letters, a bit for each, and from where to where that is known.
    private ulong _letters;
    private int _lettersFrom;
    private int _lettersEnd;

    private TextScanner(Vocabulary vocabulary, ReadOnlySpan<char> text, Span<Token> tokens, Span<char> buffer, bool takesShortcuts)
    {
        _takesShortcuts = takesShortcuts;
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
        var scanner = new TextScanner(vocabulary, text, tokens, buffer, takesShortcuts);
        scanner.Run(ref encoded);
        return scanner._writer.Count;
    }

    private void Run(ref List<Range>? encoded)
    {
        var kinds = Folding.Kinds;
        var at = 0;
        while (at < _text.Length)
        {
            var c = _text[at];
            switch (kinds[c])
            {
                case CharacterKind.Letter or CharacterKind.Digit or CharacterKind.Surrogate:
                    var start = at;
                    at = _takesShortcuts ? PlainWords(at) : at;
                    if (at > start)
                    {
                        continue;
                    }

                    at = Word(at);
                    if (at - start >= ShortestEncoded)
                    {
                        (encoded ??= []).Add(start..at);
                    }

                    continue;
                case CharacterKind.Ideograph:
                    at = Ideographs(at);
                    continue;
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
                        at = Marker(at);
                        continue;
                    }

                    break;
                case CharacterKind.Quote:
                    _quotes.Meet(_text, at, _writer.Tokens);
                    break;
                case CharacterKind.Marker:
                    at = Marker(at);
                    continue;
                case CharacterKind.Colon:
                    if (at > 0 && kinds[_text[at - 1]] is CharacterKind.Letter or CharacterKind.Ideograph)
                    {
                        _writer.MarkColon();
                    }

                    break;
            }

            at++;
        }

        _writer.EndSpaced();
    }

    // Words of nothing but ASCII letters, with single spaces between them; where they end. Where each begins is known from the letters
    // of many characters at once, so that one is read while the last is still looked up.
    private int PlainWords(int at)
    {
        var words = _vocabulary.Plain;
        while (_text.Length - at > Injection.PlainWords.Width)
        {
            if (_lettersEnd - at < Injection.PlainWords.Width)
            {
                _lettersFrom = at;
                _letters = Injection.PlainWords.LettersFrom(_text, at, out _lettersEnd);
            }

            var length = BitOperations.TrailingZeroCount(~(_letters >> (at - _lettersFrom)));
            if (length is 0 or >= Injection.PlainWords.Width || !Injection.PlainWords.EndsBefore(_text[at + length]))
            {
                break;
            }

            var word = Injection.PlainWords.Read(_text, at, length);
            if (length == 1)
            {
                _writer.AddLetter((char)word[0], at, at + 1);
            }
            else
            {
                var found = words.Find(word, _text.Slice(at, length));
                if (found == Token.Unknown && length >= ShortestCompound)
                {
                    break;
                }

                _writer.Add(found);
            }

            at += length;
            if (_text[at] != ' ')
            {
                break;
            }

            at++;
        }

        return at;
    }

    // Collects a word in folded form, and adds it; where it ends. A very long one is taken in pieces.
    private int Word(int start)
    {
        var (length, at) = (0, start);
        var (hasDigit, hasLatin, hasLookalike) = (false, false, false);

        // Most of the others are numbers.
        while (at < _text.Length && length < _word.Length && char.IsAsciiDigit(_text[at]))
        {
            _word[length++] = _text[at++];
        }

        hasDigit = length > 0;
        int width;
        for (; at < _text.Length && length < _word.Length && !Injection.PlainWords.EndsBefore(_text[at]); at += width)
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

    private readonly bool EndsSentence(int at) =>
        _text[at] > '\u007f' || at + 1 == _text.Length || char.IsWhiteSpace(_text[at + 1]) || Folding.Kinds[_text[at + 1]] == CharacterKind.Quote;
}
