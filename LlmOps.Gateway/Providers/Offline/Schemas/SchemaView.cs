using System.Text.Json.Nodes;
using System.Text.Json;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>
/// What one or more JSON schemas together demand of a value, with references followed and allOf merged. Of anyOf and oneOf the
/// branches given as choices are merged in too; the first without a choice is pending. Malformed keywords demand nothing.
/// </summary>
internal sealed class SchemaView
{
    /// <summary>References and allOf members followed in one view; more are a cycle.</summary>
    private const int MaxFollowed = 64;

    private readonly JsonNode? _root;
    private readonly IReadOnlyList<int> _choices;
    private int _groups;
    private int _followed;

    private SchemaView(JsonNode? root, IReadOnlyList<int> choices) => (_root, _choices) = (root, choices);

    /// <summary>Whether no value is valid.</summary>
    public bool IsImpossible { get; private set; }

    /// <summary>Types allowed, in the schema's order; null for any.</summary>
    public List<string>? Types { get; private set; }

    /// <summary>Values allowed; null for any.</summary>
    public List<JsonNode?>? Values { get; private set; }

    /// <summary>Schemas of properties, each to be kept together.</summary>
    public Dictionary<string, List<JsonNode?>> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>Properties that must be there.</summary>
    public List<string> Required { get; } = [];

    /// <summary>Schema of properties not named; null for any.</summary>
    public JsonNode? AdditionalProperties { get; private set; }

    /// <summary>Schemas of the items, to be kept together.</summary>
    public List<JsonNode?> Items { get; } = [];

    /// <summary>Schemas of the first items.</summary>
    public JsonArray? PrefixItems { get; private set; }

    /// <summary>The branches to choose from; null if all choices are made.</summary>
    public JsonArray? Pending { get; private set; }

    /// <summary>Whether exactly one of the pending branches must be valid.</summary>
    public bool PendingIsExclusive { get; private set; }

    /// <summary>Whether items must differ.</summary>
    public bool UniqueItems { get; private set; }

    /// <summary>Regular expression of a string.</summary>
    public string? Pattern { get; private set; }

    /// <summary>Format of a string, such as date.</summary>
    public string? Format { get; private set; }

    /// <summary>Bounds by keyword: of minimum-like ones the largest, of maximum-like ones the smallest.</summary>
    public Dictionary<string, decimal> Bounds { get; } = new(StringComparer.Ordinal);

    /// <summary>Views schemas as one.</summary>
    public static SchemaView Of(JsonNode? root, IEnumerable<JsonNode?> schemas, IReadOnlyList<int> choices)
    {
        var view = new SchemaView(root, choices);
        foreach (var schema in schemas)
        {
            view.Add(schema);
        }

        return view;
    }

    /// <summary>A bound as a count that is not negative; null if there is none.</summary>
    public int? CountBound(string keyword) => Bounds.TryGetValue(keyword, out decimal bound) ? (int)Math.Clamp(bound, 0, int.MaxValue) : null;

    private void Add(JsonNode? schema)
    {
        if (schema is JsonValue value && value.GetValueKind() == JsonValueKind.False || ++_followed > MaxFollowed)
        {
            IsImpossible = true;
        }
        else if (schema is JsonObject keywords)
        {
            foreach (var (keyword, demand) in keywords)
            {
                Add(keyword, demand);
            }
        }
    }

    private void Add(string keyword, JsonNode? demand)
    {
        switch (keyword)
        {
            case "$ref" when SchemaJson.Text(demand) is { } reference:
                Add(SchemaJson.Follow(_root, reference));
                break;
            case "allOf" when demand is JsonArray all:
                all.ToList().ForEach(Add);
                break;
            case "anyOf" or "oneOf" when demand is JsonArray { Count: > 0 } branches:
                Choose(branches, keyword == "oneOf");
                break;
            case "type":
                Types = Intersect(Types, SchemaJson.Texts(demand));
                IsImpossible |= Types is { Count: 0 };
                break;
            case "enum" when demand is JsonArray { Count: > 0 } values:
                Restrict([.. values]);
                break;
            case "const":
                Restrict([demand]);
                break;
            case "properties" when demand is JsonObject properties:
                AddProperties(properties);
                break;
            case "required":
                Required.AddRange(SchemaJson.Texts(demand).Except(Required, StringComparer.Ordinal).ToList());
                break;
            case "additionalProperties":
                AdditionalProperties ??= demand;
                break;
            case "items" when demand is not JsonArray:
                Items.Add(demand);
                break;
            case "items" or "prefixItems" when demand is JsonArray prefix:
                PrefixItems ??= prefix;
                break;
            case "uniqueItems":
                UniqueItems |= demand is JsonValue flag && flag.GetValueKind() == JsonValueKind.True;
                break;
            case "pattern":
                Pattern ??= SchemaJson.Text(demand);
                break;
            case "format":
                Format ??= SchemaJson.Text(demand);
                break;
            case "minimum" or "exclusiveMinimum" or "minLength" or "minItems" or "multipleOf" when SchemaJson.Number(demand) is { } bound:
                Bounds[keyword] = Math.Max(bound, Bounds.GetValueOrDefault(keyword, bound));
                break;
            case "maximum" or "exclusiveMaximum" or "maxLength" or "maxItems" when SchemaJson.Number(demand) is { } bound:
                Bounds[keyword] = Math.Min(bound, Bounds.GetValueOrDefault(keyword, bound));
                break;
        }
    }

    private void AddProperties(JsonObject properties)
    {
        foreach (var (name, schema) in properties)
        {
            if (!Properties.TryGetValue(name, out var schemas))
            {
                Properties[name] = schemas = [];
            }

            schemas.Add(schema);
        }
    }

    private void Choose(JsonArray branches, bool exclusive)
    {
        int group = _groups++;
        if (group < _choices.Count)
        {
            Add(branches[Math.Min(_choices[group], branches.Count - 1)]);
        }
        else if (Pending is null)
        {
            (Pending, PendingIsExclusive) = (branches, exclusive);
        }
    }

    private void Restrict(List<JsonNode?> values)
    {
        Values = Values is null ? values : [.. Values.Where(value => values.Exists(other => JsonNode.DeepEquals(value, other)))];
        IsImpossible |= Values.Count == 0;
    }

    // Integers are numbers, so "number" and "integer" leave "integer".
    private static List<string>? Intersect(List<string>? left, List<string> right) =>
        right.Count == 0 ? left
        : left is null ? right
        : [.. left.Where(type => right.Contains(type) || (type == "integer" && right.Contains("number"))), .. right.Where(type => type == "integer" && left.Contains("number") && !left.Contains("integer"))];
}
