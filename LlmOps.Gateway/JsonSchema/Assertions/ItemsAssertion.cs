using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>prefixItems and items.</summary>
/// <param name="first">The schemas of the first items, by position.</param>
/// <param name="rest">That of all items after them; null where they may be anything.</param>
internal sealed class ItemsAssertion(IReadOnlyList<SchemaNode> first, SchemaNode? rest) : Assertion
{
    public override bool Check(JsonElement value, Validation run)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var holds = true;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < first.Count ? first[index] : rest;
            holds &= schema is null || run.Holds(schema, item, index);
            if (schema is null || (!holds && !run.Continues))
            {
                break;
            }

            index++;
        }

        return holds;
    }
}
