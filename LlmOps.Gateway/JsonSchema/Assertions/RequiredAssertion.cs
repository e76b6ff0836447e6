using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>required.</summary>
internal sealed class RequiredAssertion(IReadOnlyList<string> names) : ValueAssertion
{
    private const int MaxTold = 20;

    protected override bool Holds(JsonElement value, Validation run) =>
        value.ValueKind != JsonValueKind.Object || (run.Spend(names.Count + value.GetPropertyCount()) && Missing(value).Count == 0);

    protected override string Told(JsonElement value)
    {
        var missing = Missing(value);
        return $"lacks {string.Join(", ", names.Where(missing.Contains).Take(MaxTold).Select(Shown.Short))}, which {(missing.Count == 1 ? "is" : "are")} required";
    }

    private HashSet<string> Missing(JsonElement value)
    {
        var missing = names.ToHashSet(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            missing.Remove(property.Name);
        }

        return missing;
    }
}
