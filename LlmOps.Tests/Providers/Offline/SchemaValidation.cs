using System.Text.Json;

namespace LlmOps.Tests.Providers.Offline;

/// <summary>A small JSON schema validator, written apart from the gateway's so that both are not wrong alike.</summary>
internal static class SchemaValidation
{
    public static bool IsValid(JsonElement schema, JsonElement value) => IsValid(schema, schema, value);

    private static bool IsValid(JsonElement root, JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return schema.ValueKind != JsonValueKind.False;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Holds(root, schema, keyword.Name, keyword.Value, value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Holds(JsonElement root, JsonElement schema, string keyword, JsonElement demand, JsonElement value) => (keyword, value.ValueKind) switch
    {
        ("type", _) => demand.ValueKind == JsonValueKind.Array ? demand.EnumerateArray().Any(type => IsOf(type.GetString()!, value)) : IsOf(demand.GetString()!, value),
        ("enum", _) => demand.EnumerateArray().Any(other => JsonElement.DeepEquals(other, value)),
        ("const", _) => JsonElement.DeepEquals(demand, value),
        ("anyOf", _) => demand.EnumerateArray().Any(branch => IsValid(root, branch, value)),
        ("oneOf", _) => demand.EnumerateArray().Count(branch => IsValid(root, branch, value)) == 1,
        ("allOf", _) => demand.EnumerateArray().All(branch => IsValid(root, branch, value)),
        ("$ref", _) => IsValid(root, Follow(root, demand.GetString()!), value),
        ("required", JsonValueKind.Object) => demand.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        ("properties", JsonValueKind.Object) => demand.EnumerateObject().All(property => !value.TryGetProperty(property.Name, out var inner) || IsValid(root, property.Value, inner)),
        ("additionalProperties", JsonValueKind.Object) => value.EnumerateObject().All(property =>
            (schema.TryGetProperty("properties", out var named) && named.TryGetProperty(property.Name, out _)) || IsValid(root, demand, property.Value)),
        ("items", JsonValueKind.Array) => value.EnumerateArray().All(item => IsValid(root, demand, item)),
        ("minItems", JsonValueKind.Array) => value.GetArrayLength() >= demand.GetInt32(),
        ("maxItems", JsonValueKind.Array) => value.GetArrayLength() <= demand.GetInt32(),
        ("uniqueItems", JsonValueKind.Array) => value.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() == value.GetArrayLength(),
        ("minLength", JsonValueKind.String) => value.GetString()!.EnumerateRunes().Count() >= demand.GetInt32(),
        ("maxLength", JsonValueKind.String) => value.GetString()!.EnumerateRunes().Count() <= demand.GetInt32(),
        ("minimum", JsonValueKind.Number) => value.GetDecimal() >= demand.GetDecimal(),
        ("maximum", JsonValueKind.Number) => value.GetDecimal() <= demand.GetDecimal(),
        ("exclusiveMinimum", JsonValueKind.Number) => value.GetDecimal() > demand.GetDecimal(),
        ("exclusiveMaximum", JsonValueKind.Number) => value.GetDecimal() < demand.GetDecimal(),
        ("multipleOf", JsonValueKind.Number) => value.GetDecimal() % demand.GetDecimal() == 0,
        _ => true,
    };

    private static JsonElement Follow(JsonElement root, string reference) =>
        reference.Split('/').Skip(1).Aggregate(root, (element, name) => element.GetProperty(name));

    private static bool IsOf(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value.GetDecimal() % 1 == 0,
        _ => false,
    };
}
