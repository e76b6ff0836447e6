using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>type.</summary>
internal sealed class TypeAssertion(JsonTypes allowed) : ValueAssertion
{
    /// <summary>Whether a value is of one of the types.</summary>
    public bool Allows(JsonElement value) => (JsonTypeNames.Of(value) & allowed) != 0;

    protected override bool Holds(JsonElement value, Validation run) => Allows(value);

    protected override string Told(JsonElement value) => $"is {JsonTypeNames.Told(value)}, expected {JsonTypeNames.Told(allowed)}";
}
