using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>
/// Translates a regular expression of ECMA 262, which JSON Schema has, for .NET: letters, digits and ends mean the same, and a
/// character beyond U+FFFF is one character, not two halves.
/// </summary>
internal sealed class EcmaPattern
{
    private const int MaxLength = 1_000;
    private const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";
    private const string Halves = @"\ud800-\udfff";

    private readonly string _source;
    private readonly StringBuilder _result = new();
    private int _position;

    private EcmaPattern(string source) => _source = source;

    private bool IsAtEnd => _position == _source.Length;

    /// <summary>Compiles it. An engine that never backtracks would be no safer: nested counted repetitions hang .NET's, past its timeout.</summary>
    /// <exception cref="FormatException">It is no such expression, or has what is not supported; the message says what.</exception>
    public static SchemaPattern Compile(string source)
    {
        if (source.Length > MaxLength)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"has {source.Length} characters, expected at most {MaxLength}"));
        }

        var pattern = new EcmaPattern(source);
        while (!pattern.IsAtEnd)
        {
            pattern.Translate();
        }

        try
        {
            return new SchemaPattern(
                source, new Regex(pattern._result.ToString(), RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Validation.PatternTime));
        }
        catch (RegexParseException exception)
        {
            throw new FormatException($"is no regular expression ({exception.Error})", exception);
        }
    }

    private void Translate()
    {
        switch (Next())
        {
            case '\\':
                Escape();
                break;
            case '[':
                Class();
                break;
            case '.':
                _result.Append($@"(?:{Pair}|[^\n\r\u2028\u2029{Halves}])");
                break;
            case '$':
                _result.Append(@"\z");
                break;
            case '(':
                Group();
                break;
            case var high when char.IsHighSurrogate(high):
                _result.Append("(?:").Append(high).Append(Next()).Append(')');
                break;
            case var other:
                _result.Append(other);
                break;
        }
    }

    private void Group()
    {
        _result.Append('(');
        if (IsAtEnd || _source[_position] != '?')
        {
            return;
        }

        var rest = _source[_position..];
        if (!(rest.StartsWith("?:", StringComparison.Ordinal) || rest.StartsWith("?=", StringComparison.Ordinal)
            || rest.StartsWith("?!", StringComparison.Ordinal) || rest.StartsWith("?<", StringComparison.Ordinal)))
        {
            throw new FormatException("has a group with options or a condition, which is not supported");
        }
    }

    private void Escape()
    {
        var escape = EcmaEscape.Read(_source, ref _position);
        _result.Append(escape.Set is not { } set ? escape.Text
            : escape.HasPairs ? $"(?:{Pair}|[{set}])"
            : $"[{set}]");
    }

    private void Class()
    {
        var isNegated = !IsAtEnd && _source[_position] == '^';
        _position += isNegated ? 1 : 0;
        var (set, hasPairs, afterSet) = (new StringBuilder(), false, false);
        for (var next = Next(); next != ']'; next = Next())
        {
            if (next == '\\')
            {
                var escape = EcmaEscape.Read(_source, ref _position, inClass: true);
                set.Append(escape.Set ?? escape.Text);
                hasPairs |= escape.HasPairs;
                afterSet = escape.Set is not null;
                continue;
            }

            if (char.IsSurrogate(next))
            {
                throw new FormatException("has a character beyond U+FFFF between [ and ], which is not supported");
            }

            // .NET would subtract a class that begins within another one; after a set a hyphen is no range.
            set.Append(next == '[' || (next == '-' && afterSet) ? "\\" : "").Append(next);
            afterSet = false;
        }

        // Without anything in it a class matches nothing, and its negation everything.
        var inside = set.Length == 0 ? @"[^\x00-\uffff]" : $"[{set}]";
        var outside = $"[^{set}{Halves}]";
        _result.Append(!isNegated
            ? hasPairs ? $"(?:{Pair}|{inside})" : inside
            : hasPairs ? outside : $"(?:{Pair}|{outside})");
    }

    private char Next() => IsAtEnd ? throw new FormatException("is no regular expression, as it ends too early") : _source[_position++];
}
