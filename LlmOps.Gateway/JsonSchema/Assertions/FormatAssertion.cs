using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>format.</summary>
/// <param name="name">Such as <c>date-time</c>.</param>
/// <param name="holds">Whether it holds for a string.</param>
internal sealed class FormatAssertion(string name, Predicate<string> holds) : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run) =>
        value.ValueKind != JsonValueKind.String || holds(value.GetString()!);

    protected override string Told(JsonElement value) => $"is another string, expected one of the format {name}";
}
