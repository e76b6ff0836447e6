using System.Globalization;
using System.Text;

namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>
/// Takes a prompt apart: into words, numbers, symbols and breaks, and into literals, which must be equal to the letter: what is
/// quoted, code, and everything after a colon or a first line.
/// </summary>
internal ref struct PromptScanner
{
    private static readonly HashSet<string> Greetings = ["quick", "simple", "question", "hi", "hello", "hey", "there", "a", "just", "ok", "okay", "my", "one", ",", "."];

    private const string Commas = ",;、，；";

    private readonly string _text;
    private readonly List<PromptToken> _tokens = new(32);
    private readonly List<string> _literals = [];
    private int _at;
    private int _brackets;
    private bool _isFirst = true;

    private PromptScanner(string text) => _text = text;

    /// <summary>The pieces and the literals of a prompt.</summary>
    public static (List<PromptToken> Tokens, List<string> Literals) Scan(string prompt)
    {
        var scanner = new PromptScanner(Plain(prompt));
        scanner.Run();
        return (scanner._tokens, scanner._literals);
    }

    // One way to write what typography writes in many. Not the compatibility forms: x² is not x2.
    private static string Plain(string prompt)
    {
        var text = new StringBuilder(prompt.Trim().Normalize(NormalizationForm.FormC));
        return text
            .Replace('’', '\'').Replace('‘', '\'').Replace('ʼ', '\'')
            .Replace('“', '"').Replace('”', '"').Replace('„', '"').Replace('«', '"').Replace('»', '"')
            .Replace('‐', '-').Replace('‑', '-').Replace('–', '-').Replace('—', '-').Replace('−', '-')
            .Replace('\u00a0', ' ').Replace('\u202f', ' ').Replace("…", "...").Replace("\r\n", "\n").ToString();
    }

    private void Run()
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\n' || (c == ':' && _tokens.Count > 0 && (_at + 1 == _text.Length || char.IsWhiteSpace(_text[_at + 1]))))
            {
                if (c == ':' && IsGreeting())
                {
                    _at++;
                    _tokens.Add(new(",", PromptTokenKind.Break));
                    _isFirst = true;
                    continue;
                }

                if (_text[(_at + 1)..].Trim() is { Length: > 0 } rest)
                {
                    _literals.Add(":" + rest);
                }

                return;
            }

            if (char.IsWhiteSpace(c))
            {
                _at++;
            }
            else if (!TakeLiteral(c) && !TakeFlagOrPath(c))
            {
                if (char.IsDigit(c) || (c == '.' && IsDigit(_at + 1) && StandsAlone(_at - 1)))
                {
                    TakeNumber();
                }
                else if (IsLetter(_at) || (c is '.' or '@' or '#' or '_' && IsLetter(_at + 1)))
                {
                    TakeWord();
                }
                else
                {
                    TakeSign(c);
                }
            }
        }
    }

    // "Quick question: …" says nothing of what follows.
    private readonly bool IsGreeting() => _tokens.TrueForAll(token => Greetings.Contains(token.Text.ToLowerInvariant()));

    private bool TakeLiteral(char c)
    {
        var end = c switch
        {
            '`' => EndOf(_text.AsSpan(_at).StartsWith("```", StringComparison.Ordinal) ? "```" : "`"),
            '"' => EndOf("\""),
            '「' => EndOf("」"),

            // An apostrophe is one too, so it must stand before a word, and its like behind one.
            '\'' when StandsAlone(_at - 1) => EndOfSingleQuotes(),
            _ => -1,
        };
        if (end < 0)
        {
            return false;
        }

        // With the kind of quote: in code "$x" is not '$x', and 'a' no string.
        _literals.Add(_text[_at..end]);
        _tokens.Add(new("\"", PromptTokenKind.Symbol));
        (_at, _isFirst) = (end, false);
        return true;
    }

    private readonly int EndOf(string quote)
    {
        var end = _text.IndexOf(quote, _at + quote.Length, StringComparison.Ordinal);
        return end < 0 ? -1 : end + quote.Length;
    }

    private readonly int EndOfSingleQuotes()
    {
        for (var end = _text.IndexOf('\'', _at + 1); end > 0; end = _text.IndexOf('\'', end + 1))
        {
            if (end > _at + 1 && !char.IsWhiteSpace(_text[end - 1]) && StandsAlone(end + 1))
            {
                return end + 1;
            }
        }

        return -1;
    }

    // -r, --force, /etc/hosts, ./run, ~/x, https://…: to the letter, up to the next space.
    private bool TakeFlagOrPath(char c)
    {
        var rest = _text.AsSpan(_at);
        var isFlag = c == '-' && StandsAlone(_at - 1) && rest.TrimStart('-') is { Length: > 0 } name && char.IsLetter(name[0]);
        var isPath = StandsAlone(_at - 1) && rest.Length > 1
            && ((c is '/' or '~' or '\\' && !char.IsWhiteSpace(rest[1]) && !char.IsDigit(rest[1])) || rest.StartsWith("./") || rest.StartsWith("../"));
        var space = rest.IndexOfAny(" \t\n");
        var word = space < 0 ? rest : rest[..space];
        if (!isFlag && !isPath && !(char.IsLetter(c) && word.Contains("://", StringComparison.Ordinal)))
        {
            return false;
        }

        // What ends the sentence is no part of it, unless it is one of the dots of "..".
        var trimmed = word.TrimEnd(".,;:?!)");
        if (trimmed.Length > 1 && trimmed[^1] is not ('\\' or '/') && _at + word.Length == _text.Length || word is [.., ',' or ';'])
        {
            word = trimmed;
        }

        _tokens.Add(new(word.ToString(), PromptTokenKind.Symbol));
        (_at, _isFirst) = (_at + word.Length, false);
        return true;
    }

    private void TakeNumber()
    {
        var start = _at++;
        while (_at < _text.Length && (char.IsDigit(_text[_at]) || (_text[_at] is '.' or ',' or ':' && IsDigit(_at + 1))))
        {
            _at++;
        }

        _tokens.Add(new(_text[start.._at], PromptTokenKind.Number, _isFirst));
        _isFirst = false;
    }

    private void TakeWord()
    {
        var start = _at++;
        while (_at < _text.Length && (IsLetter(_at) || char.IsDigit(_text[_at]) || _text[_at] == '_' || IsInner(_text[_at])))
        {
            _at++;
        }

        // C#, C++, g++.
        var suffix = _at;
        while (suffix < _text.Length && _text[suffix] is '#' or '+')
        {
            suffix++;
        }

        if (suffix > _at && suffix - start <= 4 && !IsLetter(suffix) && !IsDigit(suffix))
        {
            _at = suffix;
        }

        _tokens.Add(new(_text[start.._at], PromptTokenKind.Word, _isFirst));
        _isFirst = false;
    }

    // Within a word: don't, node.js, a@b.c, AT&T, man-eating, std::vector.
    private readonly bool IsInner(char c) =>
        c is '\'' or '.' or '@' or '&' || (c == '-' && IsLetter(_at - 1)) ? IsLetter(_at + 1) || (c == '.' && IsDigit(_at + 1))
        : c == ':' && _at + 1 < _text.Length && (_text[_at + 1] == ':' || IsLetter(_at + 1) || _text[_at - 1] == ':');

    private void TakeSign(char c)
    {
        var next = _at + 1 < _text.Length ? _text[_at + 1] : ' ';
        var length = char.IsHighSurrogate(c) && char.IsLowSurrogate(next) ? 2 : 1;
        if (_text.AsSpan(_at).StartsWith("...", StringComparison.Ordinal) && _at > 0 && char.IsLetter(_text[_at - 1]) && StandsAlone(_at + 3))
        {
            length = 3;
            _tokens.Add(new(",", PromptTokenKind.Break));
        }
        else if (IsPunctuation(c, next))
        {
            _isFirst |= !Commas.Contains(c);
            _tokens.Add(new(Commas.Contains(c) ? "," : ".", PromptTokenKind.Break));
        }
        else if (c is not ('¿' or '¡'))
        {
            _brackets += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' && _brackets > 0 ? -1 : 0;
            _tokens.Add(new(_text.Substring(_at, length), PromptTokenKind.Symbol));
            _isFirst = false;
        }

        _at += length;
    }

    // A sign ends a sentence, or a part of it, where it stands behind a word and before a space. All others mean something.
    private readonly bool IsPunctuation(char c, char next)
    {
        if (c is '。' or '？' or '！' or '、' or '，' or '；')
        {
            return true;
        }

        if (c is not ('.' or '?' or '!' or ',' or ';') || _brackets > 0 || _at == 0)
        {
            return false;
        }

        // Of several at the very end, "?!" and "???", all say the same, unless they may be part of a short name, as "qa!" or "int?".
        var isEnd = _at == _text.Length - 1;
        var before = _text[_at - 1];
        var run = _text.AsSpan().TrimEnd("?!").Length;
        if (_at >= run && _text.Length - run > 1 && _text.AsSpan(run).Contains('?') && _tokens is [.., { Kind: PromptTokenKind.Word, Text.Length: > 3 } or { Kind: PromptTokenKind.Break }])
        {
            return true;
        }

        return (char.IsWhiteSpace(next) || isEnd)
            && (char.IsLetterOrDigit(before) || before is '"' or '\'' or '`' or ')' or ']' or '+' or '#' or '%' || (isEnd && c == '?' && char.IsWhiteSpace(before)))
            && !(c == '!' && (before == ')' || _tokens is [.., { Kind: PromptTokenKind.Number } or { Kind: PromptTokenKind.Word, Text.Length: 1 }]))
            && (isEnd || !(c is '?' or '!' || (c == '.' && char.IsDigit(before))) || !char.IsLower(_text.AsSpan(_at + 1).TrimStart()[0]));
    }

    private readonly bool StandsAlone(int at) => at < 0 || at >= _text.Length || char.IsWhiteSpace(_text[at]) || _text[at] is '(' or ')' or '.' or ',' or '?' or '!' or ';' or ':';

    private readonly bool IsDigit(int at) => at < _text.Length && char.IsDigit(_text[at]);

    private readonly bool IsLetter(int at) => at < _text.Length
        && (char.IsLetter(_text[at]) || CharUnicodeInfo.GetUnicodeCategory(_text[at]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
