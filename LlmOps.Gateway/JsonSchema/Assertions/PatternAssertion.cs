using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>pattern: the expression is found somewhere in a string.</summary>
internal sealed class PatternAssertion(SchemaPattern pattern) : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run) =>
        value.ValueKind != JsonValueKind.String || pattern.IsIn(value.GetString()!, run);

    protected override string Told(JsonElement value) => $"does not match, expected a string with the pattern {Shown.Short(pattern.Source)}";
}
