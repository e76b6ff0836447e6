using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>enum and const: the value equals one of those given.</summary>
internal sealed class EnumAssertion(IReadOnlyList<JsonElement> allowed) : ValueAssertion
{
    private const int MaxTold = 20;

    protected override bool Holds(JsonElement value, Validation run)
    {
        run.Spend(allowed.Count);
        return allowed.Any(one => run.AreEqual(one, value));
    }

    protected override string Told(JsonElement value)
    {
        var told = string.Join(", ", allowed.Take(MaxTold).Select(one => Shown.Short(one.GetRawText())));
        return allowed.Count == 1 ? $"is another value, expected {told}"
            : allowed.Count <= MaxTold ? $"is another value, expected one of {told}"
            : string.Create(CultureInfo.InvariantCulture, $"is another value, expected one of {told} and {allowed.Count - MaxTold} more");
    }
}
