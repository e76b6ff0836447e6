using System.Numerics;

namespace LlmOps.Gateway.Providers.Offline.Maths;

/// <summary>The outcome of a calculation.</summary>
/// <param name="Expression">The expression with even spacing.</param>
/// <param name="Value">Its value; meaningless if there is a fault.</param>
/// <param name="Exact">Whether the value is exact rather than a rounded root.</param>
/// <param name="Fault">Why there is no value; null if there is one.</param>
internal sealed record Calculation(string Expression, Rational Value, bool Exact, string? Fault);

/// <summary>Parses and calculates an expression by recursive descent; bounded in depth and in the size of numbers.</summary>
internal sealed class ArithmeticParser
{
    private const int MaxDepth = 40;
    private readonly IReadOnlyList<ArithmeticToken> _tokens;
    private int _at;
    private int _depth;
    private bool _exact = true;
    private bool _invalid;
    private string? _fault;

    private ArithmeticParser(IReadOnlyList<ArithmeticToken> tokens) => _tokens = tokens;

    /// <summary>Calculates; null if the tokens are not exactly one expression.</summary>
    public static Calculation? Calculate(IReadOnlyList<ArithmeticToken> tokens)
    {
        var parser = new ArithmeticParser(tokens);
        var (value, text) = parser.Sum();
        return parser._invalid || parser._at < tokens.Count ? null : new Calculation(text, value, parser._exact, parser._fault);
    }

    private (Rational Value, string Text) Sum()
    {
        int start = _at;
        var left = Product();
        bool shares = IsShare(start);
        while (Take("+", "-") is { } sign)
        {
            start = _at;
            var right = Product();

            // "100 - 15%" is less by 15% of 100, but "10% + 5%" is 15%.
            if (IsShare(start) && !shares)
            {
                right.Value = Checked(right.Value * left.Value);
            }

            shares &= IsShare(start);
            left = (Checked(sign == "+" ? left.Value + right.Value : left.Value - right.Value), $"{left.Text} {sign} {right.Text}");
        }

        return left;
    }

    // Whether what was read since is a number and "%".
    private bool IsShare(int start) => _at - start == 2 && _tokens[_at - 1].Kind == ArithmeticKind.Percent;

    private (Rational Value, string Text) Product()
    {
        var left = Signed();
        while (Take("*", "/", "m") is { } sign)
        {
            var right = Signed();
            string text = $"{left.Text} {(sign == "m" ? "mod" : sign)} {right.Text}";
            left = (sign == "*" ? Checked(left.Value * right.Value) : Quotient(left.Value, right.Value, sign == "m"), text);
        }

        return left;
    }

    private (Rational Value, string Text) Signed()
    {
        if (Take("-", "+") is not { } sign)
        {
            return Power();
        }

        if (++_depth > MaxDepth)
        {
            _invalid = true;
            return (default, "");
        }

        var (value, text) = Signed();
        _depth--;
        return sign == "-" ? (-value, "-" + text) : (value, text);
    }

    private (Rational Value, string Text) Power()
    {
        var left = Operand();
        while (Take("²", "³") is { } mark)
        {
            left = (Raise(left.Value, Rational.Of(mark == "²" ? 2 : 3)), left.Text + mark);
        }

        if (Take("^") is null)
        {
            return left;
        }

        // Right-associative: 2^3^2 is 2^9.
        var right = Signed();
        return (Raise(left.Value, right.Value), $"{left.Text}^{right.Text}");
    }

    private (Rational Value, string Text) Operand()
    {
        if (_at >= _tokens.Count || _invalid || ++_depth > MaxDepth)
        {
            _invalid = true;
            return (Rational.Of(0), "");
        }

        var token = _tokens[_at++];
        var operand = token.Kind switch
        {
            ArithmeticKind.Number => (Rational.Parse(token.Text), token.Text),
            ArithmeticKind.Open => Bracketed(),
            ArithmeticKind.Root => Root(Operand()),
            _ => Invalid(),
        };
        _depth--;
        return Percent(operand);
    }

    // "15%" and "15% of 80".
    private (Rational Value, string Text) Percent((Rational Value, string Text) operand)
    {
        if (_at >= _tokens.Count || _tokens[_at].Kind != ArithmeticKind.Percent)
        {
            return operand;
        }

        _at++;
        var share = (Value: operand.Value / Rational.Of(100), Text: operand.Text + "%");
        if (_at >= _tokens.Count || _tokens[_at] is not { Kind: ArithmeticKind.Word, Text: "of" })
        {
            return share;
        }

        _at++;
        var whole = Signed();
        return (Checked(share.Value * whole.Value), $"{share.Text} of {whole.Text}");
    }

    private (Rational Value, string Text) Bracketed()
    {
        var inner = Sum();
        if (_at < _tokens.Count && _tokens[_at].Kind == ArithmeticKind.Close)
        {
            _at++;
            return (inner.Value, $"({inner.Text})");
        }

        return Invalid();
    }

    private (Rational Value, string Text) Root((Rational Value, string Text) operand)
    {
        if (operand.Value.Numerator.Sign < 0)
        {
            _fault ??= "the square root of a negative number is not real";
            return (operand.Value, "√" + operand.Text);
        }

        var (root, exact) = operand.Value.Sqrt();
        _exact &= exact;
        return (Checked(root), "√" + operand.Text);
    }

    private Rational Quotient(Rational left, Rational right, bool remainder)
    {
        if (right.Numerator.IsZero)
        {
            _fault ??= "division by zero is undefined";
            return left;
        }

        var quotient = Checked(left / right);
        return remainder ? Checked(left - (right * Rational.Of(Floor(quotient)))) : quotient;
    }

    private static BigInteger Floor(Rational value) =>
        BigInteger.DivRem(value.Numerator, value.Denominator, out var rest) - (rest.Sign < 0 ? 1 : 0);

    private Rational Raise(Rational value, Rational exponent)
    {
        if (exponent == Rational.Of(1, 2) && value.Numerator.Sign >= 0)
        {
            return Root((value, "")).Value;
        }

        if (value.Numerator.IsZero && exponent.Numerator.Sign < 0)
        {
            _fault ??= "division by zero is undefined";
            return value;
        }

        if (!exponent.IsInteger)
        {
            _fault ??= "I only calculate whole powers";
            return value;
        }

        bool small = exponent.Numerator.GetBitLength() < 31;
        if (small && value.Pow((int)exponent.Numerator) is { } power)
        {
            return Checked(power);
        }

        return TooLarge();
    }

    private Rational Checked(Rational value) => value.IsTooLarge ? TooLarge() : value;

    private Rational TooLarge()
    {
        _fault ??= "the numbers are too large for me";
        return Rational.Of(1);
    }

    private (Rational Value, string Text) Invalid()
    {
        _invalid = true;
        return (Rational.Of(0), "");
    }

    private string? Take(params ReadOnlySpan<string> signs)
    {
        if (_at < _tokens.Count && _tokens[_at].Kind == ArithmeticKind.Operator && signs.Contains(_tokens[_at].Text))
        {
            return _tokens[_at++].Text;
        }

        return null;
    }
}
