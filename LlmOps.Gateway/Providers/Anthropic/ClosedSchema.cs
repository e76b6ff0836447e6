using System.Text.Json;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>
/// Writes a JSON schema as Anthropic's structured outputs demand it: every object says that it has no further properties.
/// What fits the closed schema fits the open one too.
/// </summary>
internal static class ClosedSchema
{
    public static void Write(Utf8JsonWriter json, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        foreach (var member in schema.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            switch (member.Name)
            {
                case "properties" or "$defs" or "definitions" when member.Value.ValueKind == JsonValueKind.Object:
                    json.WriteStartObject();
                    foreach (var named in member.Value.EnumerateObject())
                    {
                        json.WritePropertyName(named.Name);
                        Write(json, named.Value);
                    }

                    json.WriteEndObject();
                    break;
                case "anyOf" or "oneOf" or "allOf" or "prefixItems" when member.Value.ValueKind == JsonValueKind.Array:
                    json.WriteStartArray();
                    foreach (var item in member.Value.EnumerateArray())
                    {
                        Write(json, item);
                    }

                    json.WriteEndArray();
                    break;
                case "items" or "additionalProperties" or "not" or "if" or "then" or "else":
                    Write(json, member.Value);
                    break;
                default:
                    member.Value.WriteTo(json);
                    break;
            }
        }

        if (WireJson.Member(schema, "properties") is not null && !schema.TryGetProperty("additionalProperties", out _))
        {
            json.WriteBoolean("additionalProperties", false);
        }

        json.WriteEndObject();
    }
}
