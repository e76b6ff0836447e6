using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>minimum, maximum, exclusiveMinimum, exclusiveMaximum and multipleOf.</summary>
/// <param name="expected">Such as <c>at least 3</c>.</param>
/// <param name="holds">Whether it holds for a number.</param>
internal sealed class NumberAssertion(string expected, Func<ExactNumber, bool> holds) : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run) =>
        value.ValueKind != JsonValueKind.Number || holds(ExactNumber.Of(value));

    protected override string Told(JsonElement value) => $"is {Shown.Short(value.GetRawText())}, expected {expected}";
}
