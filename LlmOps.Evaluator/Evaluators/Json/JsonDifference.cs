using System.Globalization;
using System.Text.Json;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Says where two JSON values differ.</summary>
internal static class JsonDifference
{
    /// <summary>The first difference in words; null where they are equal: objects whatever their order, numbers by value.</summary>
    public static string? Find(JsonElement actual, JsonElement expected) =>
        JsonElement.DeepEquals(actual, expected) ? null : Within(actual, expected, "$");

    private static string Within(JsonElement actual, JsonElement expected, string path)
    {
        if (actual.ValueKind == JsonValueKind.Object && expected.ValueKind == JsonValueKind.Object)
        {
            var names = expected.EnumerateObject().Select(member => member.Name).Union(actual.EnumerateObject().Select(member => member.Name));
            foreach (var name in names)
            {
                var (has, wants) = (actual.TryGetProperty(name, out var given), expected.TryGetProperty(name, out var wanted));
                if (!has || !wants)
                {
                    return $"{path}.{name} is {(has ? "not expected" : "missing")}";
                }

                if (!JsonElement.DeepEquals(given, wanted))
                {
                    return Within(given, wanted, $"{path}.{name}");
                }
            }
        }
        else if (actual.ValueKind == JsonValueKind.Array && expected.ValueKind == JsonValueKind.Array)
        {
            if (actual.GetArrayLength() != expected.GetArrayLength())
            {
                return string.Create(CultureInfo.InvariantCulture, $"{path} has {actual.GetArrayLength()} items, not {expected.GetArrayLength()}");
            }

            var pairs = actual.EnumerateArray().Zip(expected.EnumerateArray()).Index();
            var (index, pair) = pairs.First(each => !JsonElement.DeepEquals(each.Item.First, each.Item.Second));
            return Within(pair.First, pair.Second, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"));
        }

        return $"{path} is {Quoted.Short(actual.GetRawText())}, not {Quoted.Short(expected.GetRawText())}";
    }
}
