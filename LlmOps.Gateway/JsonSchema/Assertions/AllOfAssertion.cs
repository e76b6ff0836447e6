using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>allOf.</summary>
internal sealed class AllOfAssertion(IReadOnlyList<SchemaNode> schemas) : Assertion
{
    public override IEnumerable<SchemaNode> InPlace => schemas;

    public override bool Check(JsonElement value, Validation run)
    {
        var holds = true;
        foreach (var schema in schemas)
        {
            holds &= run.Holds(schema, value);
            if (!holds && !run.Continues)
            {
                break;
            }
        }

        return holds;
    }
}
