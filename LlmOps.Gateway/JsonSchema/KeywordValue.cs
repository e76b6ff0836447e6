using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>The value of a keyword, read as what the keyword expects.</summary>
/// <param name="Location">Its place in the schema, such as <c>#/properties/name/minLength</c>.</param>
/// <param name="Value">The value.</param>
internal readonly record struct KeywordValue(string Location, JsonElement Value)
{
    /// <summary>A string.</summary>
    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Expected("a string");

    /// <summary>true or false.</summary>
    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Expected("true or false");

    /// <summary>A number.</summary>
    public ExactNumber Number() => Value.ValueKind == JsonValueKind.Number ? ExactNumber.Of(Value) : throw Expected("a number");

    /// <summary>A number greater than zero.</summary>
    public ExactNumber PositiveNumber() => Value.ValueKind == JsonValueKind.Number && Number().IsPositive ? Number() : throw Expected("a number greater than 0");

    /// <summary>How many; what is more than anything can have is the largest number.</summary>
    public int Count()
    {
        var isCount = Value.ValueKind == JsonValueKind.Number && Number().IsInteger && Value.GetDouble() >= 0;
        return isCount ? (int)Math.Min(int.MaxValue, Value.GetDouble()) : throw Expected("an integer of at least 0");
    }

    /// <summary>The items of an array.</summary>
    public IReadOnlyList<KeywordValue> Items(string expected = "an array", bool isFilled = false)
    {
        if (Value.ValueKind != JsonValueKind.Array || (isFilled && Value.GetArrayLength() == 0))
        {
            throw Expected(expected);
        }

        var location = Location;
        return [.. Value.EnumerateArray().Select((item, index) => new KeywordValue(FormattableString.Invariant($"{location}/{index}"), item))];
    }

    /// <summary>The members of an object.</summary>
    public IReadOnlyList<(string Name, KeywordValue Value)> Members(string expected = "an object")
    {
        if (Value.ValueKind != JsonValueKind.Object)
        {
            throw Expected(expected);
        }

        var location = Location;
        return [.. Value.EnumerateObject().Select(member => (member.Name, new KeywordValue($"{location}/{Escaped(member.Name)}", member.Value)))];
    }

    /// <summary>The failure of a value that is something else.</summary>
    public JsonSchemaException Expected(string what) =>
        new(Location, $"is {(Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? JsonTypeNames.Told(Value) : Shown.Short(Value.GetRawText()))}, expected {what}");

    private static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
