using System.Text.Json.Nodes;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Decides what the items of an array are made of.</summary>
internal static class SchemaItems
{
    /// <summary>Items where their number is free.</summary>
    private const int Usual = 3;

    private static readonly HashSet<string> Sentenced = ["points", "sentences", "takeaways", "summary", "steps", "facts", "highlights", "bullets", "findings", "ideas", "reasons"];

    /// <summary>How many items there are to say; the bounds come on top.</summary>
    public static int Wanted(string name, JsonNode? root, SchemaView array, AnswerFacts facts)
    {
        var item = SchemaView.Of(root, array.Items, []);
        bool number = item.Types?.Any(type => type is "number" or "integer") == true;
        return number ? NumberMention.Of(facts.Head).Take(100).Count()
            : item.Values is not null ? Math.Max(1, MentionedValues(item, facts).Count)
            : IsText(item) ? Math.Min(Usual, Texts(name, root, array, facts, Usual).Count)
            : array.Items.Count > 0 ? 1 : 0;
    }

    /// <summary>Texts that the items are made from, one each; fewer than <paramref name="count"/> if there are not as many.</summary>
    public static IReadOnlyList<string> Texts(string name, JsonNode? root, SchemaView array, AnswerFacts facts, int count)
    {
        var item = SchemaView.Of(root, array.Items, []);
        if (item.Values is not null)
        {
            return MentionedValues(item, facts);
        }

        if (!IsText(item))
        {
            return [];
        }

        string[] phrases = [.. Phrases.Capitalised(facts.Head, false).Select(phrase => phrase.Text).Distinct(StringComparer.Ordinal).Take(count)];
        return Identifiers.Words(name).Any(Sentenced.Contains) || phrases.Length == 0
            ? [.. ExtractiveSummary.KeySentences(facts.Text, Math.Min(count, 50)).Distinct(StringComparer.Ordinal)]
            : phrases;
    }

    /// <summary>Another value where the usual one is there already and items must differ.</summary>
    public static bool TryOther(IReadOnlyList<JsonNode?> schemas, JsonNode? root, SchemaCheck check, JsonArray made, out JsonNode? item)
    {
        var view = SchemaView.Of(root, schemas, []);
        IEnumerable<JsonNode?> values = view.Values
            ?? (view.Types?.FirstOrDefault() switch
            {
                "string" when view.Pattern is null && view.Format is null => Enumerable.Range(1, made.Count + 2).Select(i => (JsonNode?)JsonValue.Create($"item {i}")),
                "integer" or "number" => Numbers(view, made.Count + 2),
                "boolean" => [JsonValue.Create(true), JsonValue.Create(false)],
                _ => [],
            });
        item = values.Select(value => value?.DeepClone())
            .FirstOrDefault(value => schemas.All(schema => check.IsValid(schema, value)) && !made.Any(other => JsonNode.DeepEquals(other, value)));
        return item is not null;
    }

    private static IEnumerable<JsonNode?> Numbers(SchemaView view, int count)
    {
        decimal step = Math.Clamp(view.Bounds.GetValueOrDefault("multipleOf", 1), 0.001m, 1_000_000);
        bool upwards = view.Bounds.ContainsKey("minimum") || view.Bounds.ContainsKey("exclusiveMinimum") || !(view.Bounds.ContainsKey("maximum") || view.Bounds.ContainsKey("exclusiveMaximum"));
        decimal bound = upwards
            ? view.Bounds.GetValueOrDefault("minimum", view.Bounds.GetValueOrDefault("exclusiveMinimum"))
            : view.Bounds.GetValueOrDefault("maximum", view.Bounds.GetValueOrDefault("exclusiveMaximum"));
        decimal start = Math.Floor(Math.Clamp(bound, -1e15m, 1e15m) / step) * step;
        return Enumerable.Range(-1, count + 2).Select(i => (JsonNode?)JsonValue.Create(start + (step * (upwards ? i : -i))));
    }

    private static List<string> MentionedValues(SchemaView item, AnswerFacts facts) =>
        [.. item.Values!.Select(SchemaJson.Text).OfType<string>().Where(value => Words.Mentions(facts.Head, value.Replace('_', ' ')))];

    private static bool IsText(SchemaView item) => item.Types?.FirstOrDefault() == "string" && item.Format is null && item.Pattern is null;
}
