using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema.Assertions;

/// <summary>uniqueItems.</summary>
internal sealed class UniqueItemsAssertion : ValueAssertion
{
    protected override bool Holds(JsonElement value, Validation run)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < 2)
        {
            return true;
        }

        // Hashes leave few items to compare; where somebody made them collide, the run's steps end it.
        if (!run.Spend(value))
        {
            return false;
        }

        var seen = new HashSet<JsonElement>(new Equality(run));
        return value.EnumerateArray().All(item => run.Spend(1) && seen.Add(item));
    }

    protected override string Told(JsonElement value) => "has an item twice, expected each once";

    private sealed class Equality(Validation run) : IEqualityComparer<JsonElement>
    {
        public bool Equals(JsonElement x, JsonElement y) => run.AreEqual(x, y);

        public int GetHashCode(JsonElement obj)
        {
            switch (obj.ValueKind)
            {
                case JsonValueKind.String:
                    return obj.GetString()!.GetHashCode(StringComparison.Ordinal);
                case JsonValueKind.Number:
                    return obj.TryGetDouble(out var number) ? number.GetHashCode() : 0;
                case JsonValueKind.Array:
                    var hash = new HashCode();
                    foreach (var item in obj.EnumerateArray())
                    {
                        hash.Add(GetHashCode(item));
                    }

                    return hash.ToHashCode();
                case JsonValueKind.Object:
                    // A sum, as the order of properties does not matter.
                    var sum = 0;
                    foreach (var property in obj.EnumerateObject())
                    {
                        sum += HashCode.Combine(property.Name, GetHashCode(property.Value));
                    }

                    return sum;
                default:
                    return (int)obj.ValueKind;
            }
        }
    }
}
