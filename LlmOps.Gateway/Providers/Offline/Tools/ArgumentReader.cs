using System.Text.Json.Nodes;
using LlmOps.Gateway.Providers.Offline.Maths;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Schemas;
using LlmOps.Gateway.Providers.Offline.Skills;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline.Tools;

/// <summary>Reads arguments by schema out of a message; each number, quotation and phrase is used once.</summary>
internal sealed class ArgumentReader
{
    /// <summary>How much of a message is read, in UTF-16 units.</summary>
    private const int MaxScanned = 4_000;

    private const int MaxDepth = 8;

    private static readonly HashSet<string> Places = ["in", "for", "of", "to", "from", "at", "near", "named", "called", "about", "with", "by", "on"];
    private static readonly HashSet<string> Origins = ["from", "origin", "source", "departure", "start", "sender"];
    private static readonly HashSet<string> Targets = ["to", "destination", "target", "arrival", "end", "recipient"];
    private static readonly HashSet<string> Days = ["today", "tomorrow", "yesterday", "tonight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    private static readonly HashSet<string> Limits = ["limit", "count", "max", "top", "last", "first", "latest", "newest"];

    private readonly JsonNode? _root;
    private readonly SchemaCheck _check;
    private readonly AIFunctionDeclaration _tool;
    private readonly string _message;
    private readonly List<string> _quotations;
    private readonly List<Phrase> _phrases;
    private readonly List<NumberMention> _numbers;

    /// <summary>Values of enumerations that the message mentions; they are no other argument's.</summary>
    private readonly HashSet<string> _listed = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The words of all arguments' names.</summary>
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private bool _remainingTaken;

    /// <summary>Values still looked for, so that schemas that refer to themselves come to an end.</summary>
    private int _budget = 500;

    /// <summary>Reads a message for one tool, whose schema is <paramref name="root"/>.</summary>
    public ArgumentReader(JsonNode? root, AIFunctionDeclaration tool, string message)
    {
        (_root, _tool, _message) = (root, tool, message[..Math.Min(message.Length, MaxScanned)]);
        _check = new SchemaCheck(root);
        _quotations = [.. Quotes.All(_message)];
        _phrases = [.. Phrases.Capitalised(_message, true).Where(phrase => !Days.Contains(phrase.Text.ToLowerInvariant()))];
        _numbers = NumberMention.Of(_quotations.Aggregate(_message, (text, quotation) => text.Replace(quotation, " ", StringComparison.Ordinal)));
    }

    /// <summary>Further values that the message enumerates after the one of <see cref="EnumeratedName"/>.</summary>
    public IReadOnlyList<string> Enumerated { get; private set; } = [];

    /// <summary>The required string whose value is the first of an enumeration; null if there is none.</summary>
    public string? EnumeratedName { get; private set; }

    /// <summary>An object with the arguments found; null if <paramref name="whole"/> and a required one is not.</summary>
    public JsonObject? TryObject(IReadOnlyList<JsonNode?> schemas, bool whole, int depth = 0)
    {
        var view = SchemaView.Of(_root, schemas, []);
        var found = new JsonObject();
        Claim(view);
        foreach (var (name, property) in view.Properties.OrderByDescending(property => view.Required.Contains(property.Key)))
        {
            bool required = view.Required.Contains(name);
            if (TryValue(property, name, required, depth) is { } value && property.TrueForAll(schema => _check.IsValid(schema, value)))
            {
                found[name] = value;
            }
            else if (required && whole)
            {
                return null;
            }
        }

        return view.Required.All(found.ContainsKey) || !whole ? found : null;
    }

    // What belongs to one argument is not another's.
    private void Claim(SchemaView view)
    {
        foreach (var (name, schemas) in view.Properties)
        {
            _named.UnionWith(NumberWordsOf(name));
            var texts = SchemaView.Of(_root, schemas, []).Values?.Select(SchemaJson.Text).OfType<string>().ToList() ?? [];
            if (BestFit.Mentioned(texts, _message) is { } at)
            {
                _listed.Add(texts[at]);
            }
        }

        _phrases.RemoveAll(phrase => _listed.Contains(phrase.Text));
    }

    private JsonNode? TryValue(IReadOnlyList<JsonNode?> schemas, string name, bool required, int depth)
    {
        if (depth > MaxDepth || --_budget < 0)
        {
            return null;
        }

        var view = SchemaView.Of(_root, schemas, []);
        if (view.Pending is { } branches)
        {
            return branches.Select(branch => TryValue([branch], name, required, depth + 1)).FirstOrDefault(value => value is not null);
        }

        if (view.Values is { } values)
        {
            return Listed(values, required)?.DeepClone();
        }

        return view.Types?.FirstOrDefault(type => type != "null") switch
        {
            "integer" or "number" => Number(view, name),
            "boolean" => Boolean(name, required),
            "array" => Items(view, name, required, depth),
            "object" => depth < MaxDepth ? TryObject(schemas, true, depth + 1) is { Count: > 0 } inner ? inner : null : null,
            "string" or null => Text(view, name, required),
            _ => null,
        };
    }

    private JsonNode? Listed(List<JsonNode?> values, bool required)
    {
        var texts = values.Select(value => SchemaJson.Text(value) ?? value?.ToJsonString() ?? "").ToList();
        int? mentioned = BestFit.Mentioned(texts, _message);
        return mentioned is { } at ? values[at] : required && values.Count == 1 ? values[0] : null;
    }

    // The number next to a word of the argument's name, else the next that is not next to another's.
    private JsonValue? Number(SchemaView view, string name)
    {
        bool integer = view.Types!.Contains("integer") && !view.Types.Contains("number");
        var own = NumberWordsOf(name);
        bool limits = own.Overlaps(Limits);
        bool Allowed(NumberMention number) => (!integer || number.Value % 1 == 0)
            && !(view.Bounds.TryGetValue("minimum", out decimal low) && number.Value < low)
            && !(view.Bounds.TryGetValue("maximum", out decimal high) && number.Value > high)
            && (limits || !Limits.Contains(number.Before));
        int at = _numbers.FindIndex(number => Allowed(number) && own.Contains(Words.Stem(number.Before)));
        at = at >= 0 ? at : _numbers.FindIndex(number => Allowed(number) && own.Contains(Words.Stem(number.After)) && !_named.Contains(Words.Stem(number.Before)));
        at = at >= 0 ? at : _numbers.FindIndex(number => Allowed(number) && !_named.Contains(Words.Stem(number.Before)));
        if (at < 0)
        {
            return null;
        }

        decimal chosen = _numbers[at].Value;
        _numbers.RemoveAt(at);
        return JsonValue.Create(integer ? decimal.Truncate(chosen) : chosen);
    }

    // "last 5" is a limit.
    private static HashSet<string> NumberWordsOf(string name)
    {
        var words = Identifiers.Words(name).Select(Words.Stem).Where(word => word.Length > 1).ToHashSet(StringComparer.Ordinal);
        words.UnionWith(words.Overlaps(Limits) ? Limits : []);
        return words;
    }

    private JsonValue? Boolean(string name, bool required)
    {
        bool said = Words.Mentions(_message, "yes") || Words.Mentions(_message, "true") || Identifiers.Words(name).Any(word => word.Length > 3 && Words.Mentions(_message, word));
        return said || required ? JsonValue.Create(said) : null;
    }

    private JsonArray? Items(SchemaView view, string name, bool required, int depth)
    {
        var items = new JsonArray();
        int most = Math.Min(view.CountBound("maxItems") ?? 20, 20);
        bool texts = SchemaView.Of(_root, view.Items, []) is { Values: null } item && item.Types?.FirstOrDefault() is "string" or null;

        // Of strings only what stands out is an item; the rest of the message is not taken apart.
        while (items.Count < most && TryValue(view.Items, name, required && texts && items.Count == 0, depth + 1) is { } value && !items.Any(other => JsonNode.DeepEquals(other, value)))
        {
            items.Add(value);
        }

        (Enumerated, EnumeratedName) = depth == 0 && EnumeratedName == name ? ([], null) : (Enumerated, EnumeratedName);
        return items.Count > 0 ? items : null;
    }

    private JsonValue? Text(SchemaView view, string name, bool required)
    {
        string[] words = [.. Identifiers.Words(name)];
        string? format = view.Format ?? (words.Contains("email") ? "email" : words.Any(word => word is "url" or "uri") ? "uri" : words.Contains("date") ? "date" : null);
        if (format is not null && SchemaStrings.Found(format, _message) is { } formatted)
        {
            return JsonValue.Create(formatted);
        }

        if (words.Any(word => word is "date" or "day" or "when"))
        {
            return Words.Of(_message).FirstOrDefault(Days.Contains) is { } day && view.Format is null ? JsonValue.Create(day) : null;
        }

        if (words.Any(word => word is "expression" or "formula" or "equation") && Arithmetic.Find(_message) is { } calculation)
        {
            return JsonValue.Create(calculation.Expression);
        }

        string? text = Quotation() ?? NamedPhrase(words, name, required) ?? (required ? Remaining() : null);
        return text is null ? null : JsonValue.Create(text);
    }

    private string? Quotation()
    {
        string? first = _quotations.FirstOrDefault();
        _quotations.RemoveRange(0, Math.Min(1, _quotations.Count));
        return first;
    }

    // The phrase with the property's own preposition, else one after any, else any.
    private string? NamedPhrase(string[] words, string name, bool required)
    {
        string? own = words.Any(Origins.Contains) ? "from" : words.Any(Targets.Contains) ? "to" : null;
        int at = own is null ? -1 : _phrases.FindIndex(phrase => phrase.Preposition == own);
        at = at >= 0 ? at : _phrases.FindIndex(phrase => Places.Contains(phrase.Preposition));
        at = at >= 0 || !required ? at : _phrases.FindIndex(phrase => !ToolFit.IsAbout(_tool, phrase.Text));
        if (at < 0)
        {
            return null;
        }

        int count = 1 + _phrases.Skip(at + 1).TakeWhile(phrase => phrase.Continues).Count();
        string first = _phrases[at].Text;
        if (required && EnumeratedName is null && count > 1 && !Enumerated.Any())
        {
            (EnumeratedName, Enumerated) = (name, [.. _phrases.Skip(at + 1).Take(count - 1).Select(phrase => phrase.Text)]);
        }

        _phrases.RemoveAt(at);
        return first;
    }

    // The content words that say nothing about the tool itself: "weather in paris" leaves "paris".
    private string? Remaining()
    {
        if (_remainingTaken)
        {
            return null;
        }

        _remainingTaken = true;
        var rest = _message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('"', '\'', ',', ';', ':', '!', '?', '.', '(', ')'))
            .Where(word => word.Length > 1 && Words.Of(word).Any() && !StopWords.Contains(word.Replace('’', '\'').ToLowerInvariant()) && !Days.Contains(word.ToLowerInvariant()) && !_listed.Contains(word) && !ToolFit.IsAbout(_tool, word) && !word.Contains('@', StringComparison.Ordinal))
            .Take(12)
            .ToList();
        return rest.Count == 0 ? null : string.Join(' ', rest);
    }
}
