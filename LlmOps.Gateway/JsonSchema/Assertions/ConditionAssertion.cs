using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>if, then and else.</summary>
/// <param name="condition">What decides.</param>
/// <param name="then">For values that fit the condition; null where they may be anything.</param>
/// <param name="otherwise">For values that do not; null where they may be anything.</param>
internal sealed class ConditionAssertion(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Assertion
{
    public override IEnumerable<SchemaNode> InPlace => new[] { condition, then, otherwise }.OfType<SchemaNode>();

    public override bool Check(JsonElement value, Validation run) =>
        (run.Fits(condition, value) ? then : otherwise) is not { } consequence || run.Holds(consequence, value);
}
