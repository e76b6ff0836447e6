using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>$ref to a schema of the same document.</summary>
internal sealed class ReferenceAssertion : Assertion
{
    private SchemaNode? _target;

    /// <summary>The schema it names; set once all schemas are compiled, as it may name one around it.</summary>
    public SchemaNode Target
    {
        get => _target ?? throw new InvalidOperationException("The reference is not resolved yet.");
        set => _target = value;
    }

    public override IEnumerable<SchemaNode> InPlace => [Target];

    public override bool Check(JsonElement value, Validation run) => run.Holds(Target, value);
}
