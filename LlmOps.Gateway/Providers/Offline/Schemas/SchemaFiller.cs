using System.Text.Json.Nodes;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Makes a value that is valid against a JSON schema, with what a request says where it fits.</summary>
/// <param name="root">The document that references point into.</param>
/// <param name="facts">What the request says.</param>
internal sealed class SchemaFiller(JsonNode? root, AnswerFacts facts)
{
    /// <summary>Deepest value; the writer allows 64.</summary>
    private const int MaxDepth = 40;

    /// <summary>From here on only what must be there is.</summary>
    private const int Shallow = 5;

    /// <summary>Most items of an array that are made.</summary>
    private const int MaxItems = 256;

    /// <summary>Most branches chosen within each other for one value; more are a cycle.</summary>
    private const int MaxChoices = 12;

    private readonly SchemaCheck _check = new(root);

    /// <summary>Attempts at values, so that branches within branches come to an end.</summary>
    private int _budget = 5_000;

    /// <summary>A valid value; false if none was found.</summary>
    public bool TryFill(JsonNode? schema, out JsonNode? value) => TryFill([schema], [], "", 0, out value);

    /// <summary>A valid value for a named property at the top; false if none was found.</summary>
    public bool TryFillProperty(IReadOnlyList<JsonNode?> schemas, string name, out JsonNode? value) => TryFill(schemas, [], name, 1, out value);

    private bool TryFill(IReadOnlyList<JsonNode?> schemas, IReadOnlyList<int> choices, string name, int depth, out JsonNode? value)
    {
        value = null;
        if (depth > MaxDepth || choices.Count > MaxChoices || --_budget < 0)
        {
            return false;
        }

        var view = SchemaView.Of(root, schemas, choices);
        if (view.IsImpossible)
        {
            return false;
        }

        if (view.Pending is not null)
        {
            return TryBranches(view, schemas, choices, name, depth, out value);
        }

        if (view.Values is { } values)
        {
            return SchemaEnum.TryChoose(values, view, facts, out value);
        }

        foreach (string type in TypesOf(view))
        {
            if (TryType(type, view, name, depth, out value))
            {
                return true;
            }
        }

        return false;
    }

    // Null last: a value says more than none.
    private bool TryBranches(SchemaView view, IReadOnlyList<JsonNode?> schemas, IReadOnlyList<int> choices, string name, int depth, out JsonNode? value)
    {
        var branches = view.Pending!;
        foreach (int i in Enumerable.Range(0, branches.Count).OrderBy(i => branches[i] is JsonObject branch && SchemaJson.Text(branch["type"]) == "null"))
        {
            if (TryFill(schemas, [.. choices, i], name, depth, out value) && (!view.PendingIsExclusive || IsOnlyIn(branches, i, value)))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    private bool IsOnlyIn(JsonArray branches, int chosen, JsonNode? value) =>
        branches.Index().All(branch => branch.Index == chosen || !_check.IsValid(branch.Item, value));

    private static IEnumerable<string> TypesOf(SchemaView view) => view switch
    {
        { Types: { } types } => types.OrderBy(type => type == "null"),
        { Properties.Count: > 0 } or { Required.Count: > 0 } => ["object"],
        { Items.Count: > 0 } or { PrefixItems: not null } => ["array"],
        _ when view.Bounds.ContainsKey("minimum") || view.Bounds.ContainsKey("maximum") || view.Bounds.ContainsKey("multipleOf") => ["number"],
        _ when view.Bounds.ContainsKey("minItems") => ["array"],
        _ => ["string"],
    };

    private bool TryType(string type, SchemaView view, string name, int depth, out JsonNode? value)
    {
        value = null;
        switch (type)
        {
            case "object":
                return TryObject(view, depth, out value);
            case "array":
                return TryArray(view, name, depth, out value);
            case "integer" or "number" when SchemaNumbers.Choose(view, type == "integer", name, facts) is { } number:
                value = JsonValue.Create(number);
                return true;
            case "string" when SchemaStrings.Choose(view, name, facts) is { } text:
                value = JsonValue.Create(text);
                return true;
            case "boolean":
                value = JsonValue.Create(Words.Mentions(facts.Head, "yes") || Words.Mentions(facts.Head, "true"));
                return true;
            default:
                return type == "null";
        }
    }

    private bool TryObject(SchemaView view, int depth, out JsonNode? value)
    {
        var made = new JsonObject();
        value = made;
        foreach (var (name, schemas) in view.Properties)
        {
            bool required = view.Required.Contains(name);
            if (!required && depth >= Shallow)
            {
                continue;
            }

            if (TryFill(schemas, [], name, depth + 1, out var property))
            {
                made[name] = property;
            }
            else if (required)
            {
                return false;
            }
        }

        foreach (string name in view.Required.Where(name => !view.Properties.ContainsKey(name)))
        {
            if (!TryFill([view.AdditionalProperties], [], name, depth + 1, out var property))
            {
                return false;
            }

            made[name] = property;
        }

        return true;
    }

    private bool TryArray(SchemaView view, string name, int depth, out JsonNode? value)
    {
        var made = new JsonArray();
        value = made;
        int least = view.CountBound("minItems") ?? 0;
        int most = view.CountBound("maxItems") ?? MaxItems;
        int wanted = Math.Min(most, Math.Max(least, depth >= Shallow ? 0 : Math.Max(view.PrefixItems?.Count ?? 0, SchemaItems.Wanted(name, root, view, facts))));
        if (least > most || least > MaxItems)
        {
            return false;
        }

        var texts = new Queue<string>(SchemaItems.Texts(name, root, view, facts, wanted));
        for (int i = 0; i < wanted; i++)
        {
            IReadOnlyList<JsonNode?> schemas = i < view.PrefixItems?.Count ? [view.PrefixItems[i]] : view.Items;

            // Each item is filled from its own sentence or phrase.
            var filler = texts.TryDequeue(out string? text) ? new SchemaFiller(root, new AnswerFacts(text, null)) { _budget = _budget / 4 } : this;
            JsonNode? item = null;
            bool filled = (filler.TryFill(schemas, [], name, depth + 1, out item) && IsNew(made, item, view.UniqueItems))
                || (SchemaItems.TryOther(schemas, root, _check, made, out item) && IsNew(made, item, view.UniqueItems));
            _budget -= filler == this ? 0 : 20;
            if (filled)
            {
                made.Add(item);
            }
            else if (made.Count < least && i == wanted - 1)
            {
                return false;
            }
        }

        return made.Count >= least;
    }

    private static bool IsNew(JsonArray made, JsonNode? item, bool unique) => !unique || !made.Any(other => JsonNode.DeepEquals(other, item));
}
