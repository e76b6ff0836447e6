using System.Globalization;
using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>The bounds of a string's characters, an array's items and an object's properties.</summary>
/// <param name="kind">What is counted in; it holds for anything else.</param>
/// <param name="isLeast">Whether the limit is the least, or the most.</param>
/// <param name="limit">The limit, itself allowed.</param>
internal sealed class CountAssertion(JsonValueKind kind, bool isLeast, int limit) : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run) =>
        value.ValueKind != kind || (isLeast ? Count(value) >= limit : Count(value) <= limit);

    protected override string Told(JsonElement value) =>
        string.Create(CultureInfo.InvariantCulture, $"has {Count(value)} {Unit}, expected at {(isLeast ? "least" : "most")} {limit}");

    private string Unit => kind switch
    {
        JsonValueKind.String => "characters",
        JsonValueKind.Array => "items",
        _ => "properties",
    };

    // A character beyond U+FFFF is two UTF-16 units and counts once.
    private static int Count(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Count(unit => !char.IsLowSurrogate(unit)),
        JsonValueKind.Array => value.GetArrayLength(),
        _ => value.GetPropertyCount(),
    };
}
