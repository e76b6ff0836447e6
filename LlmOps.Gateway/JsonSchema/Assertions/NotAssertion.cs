using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>not.</summary>
internal sealed class NotAssertion(SchemaNode schema) : Assertion
{
    public override IEnumerable<SchemaNode> InPlace => [schema];

    public override bool Check(JsonElement value, Validation run) =>
        !run.Fits(schema, value) || run.Fail($"fits {schema.Location}, expected a value that does not");
}
