using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>properties, patternProperties and additionalProperties, which together say what each property may be.</summary>
/// <param name="named">The schemas by property name.</param>
/// <param name="patterns">Those for each name in which an expression is found.</param>
/// <param name="additional">That of the other properties; null where they may be anything.</param>
internal sealed class PropertiesAssertion(
    IReadOnlyDictionary<string, SchemaNode> named, IReadOnlyList<(SchemaPattern Pattern, SchemaNode Schema)> patterns, SchemaNode? additional) : Assertion
{
    private const int MaxTold = 20;

    public override bool Check(JsonElement value, Validation run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        // A name that is there twice is checked twice: readers differ in which one they take.
        var holds = true;
        foreach (var property in value.EnumerateObject())
        {
            holds &= run.Spend(1) && Holds(property, run);
            if (!holds && !run.Continues)
            {
                break;
            }
        }

        return holds;
    }

    private bool Holds(JsonProperty property, Validation run)
    {
        var isKnown = named.TryGetValue(property.Name, out var schema);
        var holds = !isKnown || run.Holds(schema!, property);
        foreach (var (pattern, matching) in patterns)
        {
            if (pattern.IsIn(property.Name, run))
            {
                isKnown = true;
                holds &= run.Holds(matching, property);
            }
        }

        return isKnown || additional is null ? holds
            : additional.IsFalse ? run.Reports && run.Fail(Unexpected(), property.Name)
            : run.Holds(additional, property);
    }

    private string Unexpected() =>
        named.Count is 0 or > MaxTold
            ? "is an additional property, expected none"
            : $"is an additional property, expected none but {string.Join(", ", named.Keys.Select(Shown.Short))}";
}
