using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>Finds what is JSON by its grammar but can be neither read as text nor compared as a number at reasonable cost.</summary>
internal static class UnusableJson
{
    private const int MaxNumberLength = 400;
    private const int MaxExponent = 10_000;
    private const int EscapeLength = 6;

    /// <summary>What is wrong with the value or something in it; null where all of it can be used.</summary>
    public static string? Find(JsonElement value)
    {
        var json = JsonMarshal.GetRawUtf8Value(value);
        if (!Utf8.IsValid(json))
        {
            return "is not UTF-8, expected text in valid Unicode";
        }

        // The value has been parsed, so whatever its parser allowed is allowed here.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions
        {
            MaxDepth = int.MaxValue, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
        });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                if (reader.ValueIsEscaped && HasHalfPair(reader.ValueSpan))
                {
                    return "has half of a surrogate pair in it, expected text in valid Unicode";
                }
            }
            else if (reader.TokenType is JsonTokenType.Number && !IsComparable(reader.ValueSpan))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"has a number in it that is too long, expected at most {MaxNumberLength} characters and an exponent from -{MaxExponent} to {MaxExponent}");
            }
        }

        return null;
    }

    private static bool IsComparable(ReadOnlySpan<byte> number)
    {
        if (number.Length > MaxNumberLength)
        {
            return false;
        }

        var e = number.IndexOfAny((byte)'e', (byte)'E');
        if (e < 0)
        {
            return true;
        }

        var exponent = number[(e + 1)..];
        exponent = exponent[0] == '+' ? exponent[1..] : exponent;
        return Utf8Parser.TryParse(exponent, out int value, out _) && value is >= -MaxExponent and <= MaxExponent;
    }

    private static bool HasHalfPair(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\\') is >= 0 and var escape)
        {
            text = text[escape..];
            if (text[1] != 'u')
            {
                text = text[2..];
                continue;
            }

            var unit = CodeUnit(text);
            text = text[EscapeLength..];
            if (char.IsLowSurrogate(unit))
            {
                return true;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (!text.StartsWith("\\u"u8) || !char.IsLowSurrogate(CodeUnit(text)))
                {
                    return true;
                }

                text = text[EscapeLength..];
            }
        }

        return false;
    }

    private static char CodeUnit(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape[2..EscapeLength], out ushort unit, out _, 'x') ? (char)unit : '\0';
}
