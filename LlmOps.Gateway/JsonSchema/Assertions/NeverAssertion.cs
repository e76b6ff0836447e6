using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>The schema <c>false</c>.</summary>
internal sealed class NeverAssertion : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run) => false;

    protected override string Told(JsonElement value) => $"is {JsonTypeNames.Told(value)}, expected no value there";
}
