using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>The types of JSON Schema; a number without a fraction, such as 1.0, is both a number and an integer.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Number = 16,
    String = 32,
    Integer = 64,
}

/// <summary>The types' names, and the types of values.</summary>
internal static class JsonTypeNames
{
    private static readonly (string Name, JsonTypes Type, string Told)[] All =
    [
        ("string", JsonTypes.String, "a string"),
        ("integer", JsonTypes.Integer, "an integer"),
        ("number", JsonTypes.Number, "a number"),
        ("boolean", JsonTypes.Boolean, "a boolean"),
        ("object", JsonTypes.Object, "an object"),
        ("array", JsonTypes.Array, "an array"),
        ("null", JsonTypes.Null, "null"),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Known { get; } = string.Join(", ", All.Select(type => type.Name));

    /// <summary>The type of a schema's word, such as <c>string</c>; none where it is no type.</summary>
    public static JsonTypes Parse(string name) => Array.Find(All, type => type.Name == name).Type;

    /// <summary>The types that a value has.</summary>
    public static JsonTypes Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Number => ExactNumber.Of(value).IsInteger ? JsonTypes.Number | JsonTypes.Integer : JsonTypes.Number,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Object => JsonTypes.Object,
        JsonValueKind.Array => JsonTypes.Array,
        JsonValueKind.Null => JsonTypes.Null,
        _ => JsonTypes.None,
    };

    /// <summary>What a value is, such as <c>an integer</c>.</summary>
    public static string Told(JsonElement value)
    {
        var types = Of(value);
        return Told(types.HasFlag(JsonTypes.Integer) ? JsonTypes.Integer : types);
    }

    /// <summary>Types in a sentence, such as <c>a string or null</c>.</summary>
    public static string Told(JsonTypes types) =>
        string.Join(" or ", All.Where(type => types.HasFlag(type.Type)).Select(type => type.Told));
}
