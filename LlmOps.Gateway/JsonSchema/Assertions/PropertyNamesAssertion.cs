using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>propertyNames.</summary>
internal sealed class PropertyNamesAssertion(SchemaNode schema) : Assertion
{
    public override bool Check(JsonElement value, Validation run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var property in value.EnumerateObject())
        {
            holds &= run.Fits(schema, JsonSerializer.SerializeToElement(property.Name))
                || run.Fail($"has a name that is not allowed, expected one that fits {schema.Location}", property.Name);
            if (!holds && !run.Continues)
            {
                break;
            }
        }

        return holds;
    }
}
