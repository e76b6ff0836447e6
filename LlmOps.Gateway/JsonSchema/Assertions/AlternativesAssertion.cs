using System.Globalization;
using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>anyOf and oneOf.</summary>
/// <param name="schemas">The alternatives.</param>
/// <param name="isExclusive">Whether the value may fit one of them only.</param>
internal sealed class AlternativesAssertion(IReadOnlyList<SchemaNode> schemas, bool isExclusive) : Assertion
{
    public override IEnumerable<SchemaNode> InPlace => schemas;

    public override bool Check(JsonElement value, Validation run)
    {
        var fitting = 0;
        foreach (var schema in schemas)
        {
            if (!run.Fits(schema, value))
            {
                continue;
            }

            if (!isExclusive)
            {
                return true;
            }

            if (++fitting > 1)
            {
                return run.Fail("fits several of the schemas in oneOf, expected exactly one");
            }
        }

        return fitting == 1 || (run.Reports && TellWhy(value, run));
    }

    // Where the type leaves one alternative, as in "an object or null", its faults say more than that none fits.
    private bool TellWhy(JsonElement value, Validation run) =>
        schemas.Where(schema => schema.AllowsType(value)).Take(2).ToList() is [var only]
            ? run.Holds(only, value)
            : run.Fail(string.Create(
                CultureInfo.InvariantCulture, $"is {JsonTypeNames.Told(value)} that fits none of the {schemas.Count} schemas in {(isExclusive ? "oneOf" : "anyOf")}, expected {(isExclusive ? "exactly" : "at least")} one"));
}
