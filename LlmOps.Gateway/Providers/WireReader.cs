using System.Text.Json;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Lenient access to a provider's JSON in one pass, for what every answer and every chunk goes through: no document, no
/// string for a name. As in <see cref="WireJson"/>, what has an unexpected type counts as absent.
/// Between calls the reader stands on a member's name; reading a member's value leaves it on the value's last token.
/// </summary>
internal static class WireReader
{
    /// <summary>Moves to the next member's name; false at the end of the object.</summary>
    public static bool NextMember(this ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves to the next item; false at the end of the list.</summary>
    public static bool NextItem(this ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Whether the member has this name.</summary>
    public static bool Is(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? reader.EqualsUnescaped(name) : reader.ValueSpan.SequenceEqual(name);

    /// <summary>Passes over the member's value.</summary>
    public static void SkipValue(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Whether the member's value is an object, which is then open; any other is passed over.</summary>
    public static bool OpenObject(this ref Utf8JsonReader reader) => reader.Open(JsonTokenType.StartObject);

    /// <summary>Whether the member's value is a list, which is then open; any other is passed over.</summary>
    public static bool OpenList(this ref Utf8JsonReader reader) => reader.Open(JsonTokenType.StartArray);

    /// <summary>The member's value if it is text.</summary>
    public static string? Text(this ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        return reader.CurrentText();
    }

    /// <summary>The text that the reader stands on.</summary>
    public static string CurrentText(this ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var value = reader;
            return WireJson.Text(JsonElement.ParseValue(ref value));
        }
    }

    /// <summary>The member's value if it is a whole number.</summary>
    public static long? Integer(this ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        return reader.TryGetInt64(out var number) ? number : null;
    }

    /// <summary>The member's value if it is a whole number of 32 bits.</summary>
    public static int? Int32(this ref Utf8JsonReader reader) => reader.Integer() is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null;

    /// <summary>The member's value if it is a count.</summary>
    public static long? Count(this ref Utf8JsonReader reader) => reader.Integer() is >= 0 and var count ? count : null;

    /// <summary>Whether the member's value is anything but null; it is passed over.</summary>
    public static bool HasValue(this ref Utf8JsonReader reader)
    {
        reader.Read();
        var there = reader.TokenType != JsonTokenType.Null;
        reader.Skip();
        return there;
    }

    private static bool EqualsUnescaped(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which is JSON but no text.
            return false;
        }
    }

    private static bool Open(this ref Utf8JsonReader reader, JsonTokenType type)
    {
        reader.Read();
        if (reader.TokenType == type)
        {
            return true;
        }

        reader.Skip();
        return false;
    }
}
