using System.Text.Json.Nodes;
using System.Text.Json;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Checks values against JSON schemas, as far as values are made here: formats and patterns are not checked.</summary>
/// <param name="root">The document that references point into.</param>
internal sealed class SchemaCheck(JsonNode? root)
{
    /// <summary>References followed and levels descended before a value counts as valid.</summary>
    private const int MaxDepth = 60;

    /// <summary>Schemas still looked at, over all checks, before every value counts as valid: references in a circle branch without end.</summary>
    private int _budget = 30_000;

    /// <summary>Whether a value is valid.</summary>
    public bool IsValid(JsonNode? schema, JsonNode? value) => IsValid(schema, value, 0);

    /// <summary>Whether a value is of a type of JSON schema.</summary>
    public static bool IsOfType(JsonNode? value, string type) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => SchemaJson.Number(value) is { } number && number % 1 == 0,
        _ => false,
    };

    private bool IsValid(JsonNode? schema, JsonNode? value, int depth)
    {
        if (schema is JsonValue always && always.GetValueKind() == JsonValueKind.False)
        {
            return false;
        }

        if (schema is not JsonObject keywords || depth > MaxDepth || --_budget < 0)
        {
            return true;
        }

        bool Valid(JsonNode? other) => IsValid(other, value, depth + 1);
        bool combined = (keywords["allOf"] is not JsonArray all || all.All(Valid))
            && (keywords["anyOf"] is not JsonArray any || any.Any(Valid))
            && (keywords["oneOf"] is not JsonArray one || one.Count(Valid) == 1)
            && (SchemaJson.Text(keywords["$ref"]) is not { } reference || Valid(SchemaJson.Follow(root, reference)));
        var types = SchemaJson.Texts(keywords["type"]);
        return combined
            && (types.Count == 0 || types.Exists(type => IsOfType(value, type)))
            && (!keywords.ContainsKey("const") || JsonNode.DeepEquals(keywords["const"], value))
            && (keywords["enum"] is not JsonArray values || values.Any(other => JsonNode.DeepEquals(other, value)))
            && value switch
            {
                JsonObject made => IsValidObject(keywords, made, depth),
                JsonArray made => IsValidArray(keywords, made, depth),
                _ => IsWithin(keywords, value),
            };
    }

    private bool IsValidObject(JsonObject keywords, JsonObject value, int depth)
    {
        var properties = keywords["properties"] as JsonObject;
        return SchemaJson.Texts(keywords["required"]).All(value.ContainsKey)
            && value.All(property => properties?.ContainsKey(property.Key) == true
                ? IsValid(properties[property.Key], property.Value, depth + 1)
                : IsValid(keywords["additionalProperties"], property.Value, depth + 1));
    }

    private bool IsValidArray(JsonObject keywords, JsonArray value, int depth) =>
        value.Count >= (SchemaJson.Number(keywords["minItems"]) ?? 0)
        && value.Count <= (SchemaJson.Number(keywords["maxItems"]) ?? int.MaxValue)
        && value.All(item => IsValid(keywords["items"], item, depth + 1));

    private static bool IsWithin(JsonObject keywords, JsonNode? value)
    {
        if (SchemaJson.Text(value) is { } text)
        {
            int length = text.EnumerateRunes().Count();
            return length >= (SchemaJson.Number(keywords["minLength"]) ?? 0) && length <= (SchemaJson.Number(keywords["maxLength"]) ?? int.MaxValue);
        }

        return SchemaJson.Number(value) is not { } number
            || (!(number < SchemaJson.Number(keywords["minimum"])) && !(number > SchemaJson.Number(keywords["maximum"]))
                && !(number <= SchemaJson.Number(keywords["exclusiveMinimum"])) && !(number >= SchemaJson.Number(keywords["exclusiveMaximum"]))
                && (SchemaJson.Number(keywords["multipleOf"]) is not { } step || step <= 0 || number % step == 0));
    }
}
