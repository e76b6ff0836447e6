using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Contracts;

/// <summary>Validates values against the schemas of one OpenAPI document, with the keywords that the specs use. Others, formats and discriminators are ignored.</summary>
/// <param name="root">The document, where references start.</param>
/// <param name="isClosed">A property that is not declared is a fault, also where additionalProperties is not given. A schema that declares none takes any.</param>
/// <param name="extra">Further properties by the name of the component schema that takes them.</param>
internal sealed class ContractSchema(JsonElement root, bool isClosed, IReadOnlyDictionary<string, string[]> extra)
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    public IReadOnlyList<SchemaFault> Faults(JsonElement schema, JsonElement value) => [.. Check(schema, value, "", SchemaScope.Empty)];

    /// <summary>Follows a reference, and those it leads to.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        for (var hops = 0; hops < 32 && Keyword(element, "$ref") is { } reference; hops++)
        {
            element = Follow(reference.GetString()!);
        }

        return element;
    }

    private IEnumerable<SchemaFault> Check(JsonElement schema, JsonElement value, string path, SchemaScope scope)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True ? [] : [Fault(path, "is not allowed")];
        }

        if (value.ValueKind == JsonValueKind.Null && Keyword(schema, "nullable") is { ValueKind: JsonValueKind.True })
        {
            return [];
        }

        if (Keyword(schema, "type") is { } type && !Types(type).Any(name => IsOf(name, value)))
        {
            return [Fault(path, $"is {Kind(value)}, not {string.Join(" or ", Types(type))}", ofKind: true)];
        }

        return [.. Values(schema, value, path), .. Combined(schema, value, path, scope), .. value.ValueKind switch
        {
            JsonValueKind.Object => Object(schema, value, path, scope),
            JsonValueKind.Array => Array(schema, value, path),
            JsonValueKind.String => Text(schema, value.GetString()!, path),
            JsonValueKind.Number => Number(schema, value, path),
            _ => [],
        }];
    }

    private static IEnumerable<SchemaFault> Values(JsonElement schema, JsonElement value, string path)
    {
        if (Keyword(schema, "enum") is { } allowed && !allowed.EnumerateArray().Any(other => JsonElement.DeepEquals(other, value)))
        {
            yield return Fault(path, $"is {Short(value)}, not one of {Short(allowed)}", ofKind: true);
        }

        if (Keyword(schema, "const") is { } demanded && !JsonElement.DeepEquals(demanded, value))
        {
            yield return Fault(path, $"is {Short(value)}, not {Short(demanded)}", ofKind: true);
        }
    }

    private IEnumerable<SchemaFault> Combined(JsonElement schema, JsonElement value, string path, SchemaScope scope)
    {
        // A reference comes back to itself only by way of the value's own inner values; else it says nothing more.
        if (Keyword(schema, "$ref") is { } reference && !scope.Followed.Contains(reference.GetString()!))
        {
            var inner = Widen(schema, scope, "$ref") with { Followed = scope.Followed.Add(reference.GetString()!) };
            foreach (var fault in Check(Follow(reference.GetString()!), value, path, inner with { Names = inner.Names.Union(Extra(reference.GetString()!)) }))
            {
                yield return fault;
            }
        }

        foreach (var fault in Branches(schema, "allOf").Index().SelectMany(branch => Check(branch.Item, value, path, Widen(schema, scope, "allOf", branch.Index))))
        {
            yield return fault;
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            var tries = Branches(schema, keyword).Select(branch => Check(branch, value, path, Widen(schema, scope, keyword)).ToList()).ToList();
            var holding = tries.Count(faults => faults.Count == 0);
            if (tries.Count > 0 && holding == 0)
            {
                foreach (var fault in tries.MinBy(faults => (faults.Count(fault => fault.OfKind && fault.Path == Named(path)), faults.Count(fault => fault.OfKind), faults.Count))!)
                {
                    yield return tries.Count == 1 ? fault : fault with { Text = $"{fault.Text} (the nearest of {tries.Count} forms)" };
                }
            }
            else if (keyword == "oneOf" && holding > 1)
            {
                yield return Fault(path, $"fits {holding} forms where one is demanded");
            }
        }
    }

    private IEnumerable<SchemaFault> Object(JsonElement schema, JsonElement value, string path, SchemaScope scope)
    {
        if (Keyword(schema, "required") is { } required)
        {
            foreach (var name in required.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
            {
                yield return Fault(Inner(path, name), "is missing");
            }
        }

        foreach (var property in value.EnumerateObject())
        {
            var inner = Inner(path, property.Name);
            if (Keyword(schema, "properties") is { } properties && properties.TryGetProperty(property.Name, out var declared))
            {
                foreach (var fault in Check(declared, property.Value, inner, SchemaScope.Empty))
                {
                    yield return fault;
                }
            }
            else if (Keyword(schema, "additionalProperties") is { ValueKind: JsonValueKind.Object } additional)
            {
                foreach (var fault in Check(additional, property.Value, inner, SchemaScope.Empty))
                {
                    yield return fault;
                }
            }
            else if (IsUnknown(schema, property.Name, scope))
            {
                yield return Fault(inner, "is not in the contract");
            }
        }
    }

    private bool IsUnknown(JsonElement schema, string name, SchemaScope scope) => Keyword(schema, "additionalProperties") switch
    {
        { ValueKind: JsonValueKind.False } => !scope.Names.Contains(name),
        null when isClosed && Keyword(schema, "properties") is not null =>
            !scope.IsOpen && !IsOpen(schema, []) && !scope.Names.Contains(name) && !Names(schema, []).Contains(name),
        _ => false,
    };

    private IEnumerable<SchemaFault> Array(JsonElement schema, JsonElement value, string path)
    {
        var length = value.GetArrayLength();
        if (Keyword(schema, "minItems") is { } least && length < least.GetDecimal())
        {
            yield return Fault(path, $"has {length} items, fewer than {least}");
        }

        if (Keyword(schema, "maxItems") is { } most && length > most.GetDecimal())
        {
            yield return Fault(path, $"has {length} items, more than {most}");
        }

        if (Keyword(schema, "items") is { } items)
        {
            foreach (var fault in value.EnumerateArray().Index().SelectMany(item => Check(items, item.Item, $"{path}[{item.Index}]", SchemaScope.Empty)))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<SchemaFault> Text(JsonElement schema, string value, string path)
    {
        var length = value.EnumerateRunes().Count();
        if (Keyword(schema, "minLength") is { } least && length < least.GetDecimal())
        {
            yield return Fault(path, $"has {length} characters, fewer than {least}");
        }

        if (Keyword(schema, "maxLength") is { } most && length > most.GetDecimal())
        {
            yield return Fault(path, $"has {length} characters, more than {most}");
        }

        if (Keyword(schema, "pattern") is { } pattern && !Regex.IsMatch(value, pattern.GetString()!, RegexOptions.CultureInvariant, PatternLimit))
        {
            yield return Fault(path, $"does not match {pattern}");
        }
    }

    private static IEnumerable<SchemaFault> Number(JsonElement schema, JsonElement value, string path)
    {
        if (Keyword(schema, "minimum") is { } least && value.GetDouble() < least.GetDouble())
        {
            yield return Fault(path, $"is {value}, less than {least}");
        }

        if (Keyword(schema, "maximum") is { } most && value.GetDouble() > most.GetDouble())
        {
            yield return Fault(path, $"is {value}, more than {most}");
        }
    }

    // A part of a schema sees what is declared around it: by the schema and its other parts, but not by the other forms of a choice.
    private SchemaScope Widen(JsonElement schema, SchemaScope scope, string keyword, int index = 0) => isClosed
        ? scope with
        {
            Names = scope.Names.Union(Names(schema, scope.Followed, (other, otherIndex) => other != keyword || (keyword == "allOf" && otherIndex != index))),
            IsOpen = scope.IsOpen || IsOpen(schema, scope.Followed),
        }
        : scope;

    private ImmutableHashSet<string> Names(JsonElement schema, ImmutableHashSet<string> followed, Func<string, int, bool>? isMeant = null)
    {
        ImmutableHashSet<string> names = Keyword(schema, "properties") is { } properties ? [.. properties.EnumerateObject().Select(property => property.Name)] : [];
        if (Keyword(schema, "$ref")?.GetString() is { } reference && !followed.Contains(reference) && isMeant?.Invoke("$ref", 0) != false)
        {
            names = names.Union(Names(Follow(reference), followed.Add(reference))).Union(Extra(reference));
        }

        return new[] { "allOf", "anyOf", "oneOf" }
            .SelectMany(keyword => Branches(schema, keyword).Index().Where(branch => isMeant?.Invoke(keyword, branch.Index) != false))
            .Aggregate(names, (all, branch) => all.Union(Names(branch.Item, followed)));
    }

    private bool IsOpen(JsonElement schema, ImmutableHashSet<string> followed) =>
        Keyword(schema, "additionalProperties") is { ValueKind: not JsonValueKind.False }
        || (Keyword(schema, "$ref")?.GetString() is { } reference && !followed.Contains(reference) && IsOpen(Follow(reference), followed.Add(reference)))
        || Branches(schema, "allOf").Any(branch => IsOpen(branch, followed));

    private string[] Extra(string reference) => extra.GetValueOrDefault(reference[(reference.LastIndexOf('/') + 1)..]) ?? [];

    private JsonElement Follow(string reference) => reference.Split('/').Skip(1).Aggregate(root, (element, name) =>
        element.GetProperty(Uri.UnescapeDataString(name).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));

    private static JsonElement? Keyword(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var demand) ? demand : null;

    private static IEnumerable<JsonElement> Branches(JsonElement schema, string keyword) => Keyword(schema, keyword)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(name => name.GetString()!) : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("integer", JsonValueKind.Number) => double.IsInteger(value.GetDouble()),
        ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        _ => type == Kind(value),
    };

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Undefined => "nothing",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static SchemaFault Fault(string path, string text, bool ofKind = false) => new(Named(path), text, ofKind);

    private static string Named(string path) => path.Length == 0 ? "body" : path;

    private static string Inner(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Short(JsonElement value) => JsonSerializer.Serialize(value) is { Length: > 120 } text ? $"{text[..120]}…" : JsonSerializer.Serialize(value);
}
