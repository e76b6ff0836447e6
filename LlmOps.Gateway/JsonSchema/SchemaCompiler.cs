using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.JsonSchema.Assertions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>Reads a schema document: what its keywords demand, and which schema each reference names.</summary>
internal sealed class SchemaCompiler
{
    private const string Root = "#";
    private const string ASchema = "a schema, which is an object, true or false";
    private const int MaxSchemas = 10_000;
    private const int MaxPatterns = 500;
    private const int MaxNesting = 64;

    private readonly Dictionary<string, SchemaNode> _nodes = [];
    private readonly List<(KeywordValue Name, ReferenceAssertion Reference)> _references = [];
    private int _schemas;
    private int _patterns;
    private int _nesting;

    private SchemaCompiler()
    {
    }

    /// <summary>Compiles a document that outlives the result.</summary>
    /// <exception cref="JsonSchemaException">It is not valid, or has a keyword that is not supported.</exception>
    public static SchemaNode Compile(JsonElement schema)
    {
        var compiler = new SchemaCompiler();
        var root = compiler.Node(new KeywordValue(Root, schema));
        foreach (var (name, reference) in compiler._references)
        {
            reference.Target = compiler._nodes.GetValueOrDefault(Uri.UnescapeDataString(name.Text()))
                ?? throw name.Expected("a schema of the same document, such as # or #/$defs/NAME");
        }

        InPlaceNesting.Check(compiler._nodes.Values);
        return root;
    }

    private SchemaNode Node(KeywordValue schema)
    {
        if (++_schemas > MaxSchemas || _nesting == MaxNesting)
        {
            throw new JsonSchemaException(
                schema.Location, string.Create(CultureInfo.InvariantCulture, $"is too much, expected at most {MaxSchemas} schemas, at most {MaxNesting} within each other"));
        }

        _nesting++;
        var node = new SchemaNode(schema.Location, schema.Value.ValueKind switch
        {
            JsonValueKind.True => [],
            JsonValueKind.False => [new NeverAssertion()],
            _ => Assertions(schema.Members(ASchema)),
        });
        _nesting--;
        _nodes.Add(schema.Location, node);
        return node;
    }

    private List<Assertion> Assertions(IReadOnlyList<(string Name, KeywordValue Value)> keywords)
    {
        var values = Last(keywords);
        var assertions = new List<Assertion>();
        foreach (var (keyword, value) in values)
        {
            if ((ValueKeywords.Read(keyword, value) ?? WithSubschemas(keyword, value)) is { } assertion)
            {
                assertions.Add(assertion);
            }
            else if (!ValueKeywords.IsAnnotation(keyword, value) && !IsPartOfAnother(keyword, value))
            {
                throw new JsonSchemaException(value.Location, "is a keyword that is not supported; docs/json-schema.md lists those that are");
            }
        }

        AddTogether(values, assertions);
        return assertions;
    }

    private Assertion? WithSubschemas(string keyword, KeywordValue value)
    {
        switch (keyword)
        {
            case "allOf":
                return new AllOfAssertion(Nodes(value));
            case "anyOf" or "oneOf":
                return new AlternativesAssertion(Nodes(value), isExclusive: keyword == "oneOf");
            case "not":
                return new NotAssertion(Node(value));
            case "propertyNames":
                return new PropertyNamesAssertion(Node(value));
            case "pattern":
                return new PatternAssertion(Pattern(value, value.Text()));
            case "$ref":
                value.Text();
                var reference = new ReferenceAssertion();
                _references.Add((value, reference));
                return reference;
            default:
                return null;
        }
    }

    // Several keywords that make one assertion; read after the others, of which none depends on them.
    private void AddTogether(Dictionary<string, KeywordValue> values, List<Assertion> assertions)
    {
        var (named, additional) = (Named(values, "properties"), Optional(values, "additionalProperties"));
        var patterns = Named(values, "patternProperties").Select(entry => (Pattern(entry.Value, entry.Name), entry.Schema)).ToList();
        if (named.Count > 0 || patterns.Count > 0 || additional is not null)
        {
            assertions.Add(new PropertiesAssertion(named.ToDictionary(entry => entry.Name, entry => entry.Schema), patterns, additional));
        }

        List<SchemaNode> first = values.TryGetValue("prefixItems", out var prefix) ? Nodes(prefix) : [];
        var rest = Optional(values, "items");
        if (first.Count > 0 || rest is not null)
        {
            assertions.Add(new ItemsAssertion(first, rest));
        }

        var (condition, then, otherwise) = (Optional(values, "if"), Optional(values, "then"), Optional(values, "else"));
        if (condition is not null)
        {
            assertions.Add(new ConditionAssertion(condition, then, otherwise));
        }

        // For references alone.
        Named(values, "$defs");
        Named(values, "definitions");
    }

    private static bool IsPartOfAnother(string keyword, KeywordValue value) => keyword switch
    {
        "properties" or "patternProperties" or "additionalProperties" or "prefixItems" or "items" or "if" or "then" or "else" or "$defs" or "definitions" => true,
        "$id" when value.Location == $"{Root}/$id" => value.Text().Length >= 0,
        _ => false,
    };

    // Of a name that is there twice the last one counts, as for most readers of JSON.
    private static Dictionary<string, KeywordValue> Last(IReadOnlyList<(string Name, KeywordValue Value)> members) =>
        members.GroupBy(member => member.Name, member => member.Value).ToDictionary(group => group.Key, group => group.Last());

    private SchemaNode? Optional(Dictionary<string, KeywordValue> values, string keyword) =>
        values.TryGetValue(keyword, out var value) ? Node(value) : null;

    private List<(string Name, KeywordValue Value, SchemaNode Schema)> Named(Dictionary<string, KeywordValue> values, string keyword) =>
        values.TryGetValue(keyword, out var value)
            ? [.. Last(value.Members("an object of schemas")).Select(member => (member.Key, member.Value, Node(member.Value)))]
            : [];

    private List<SchemaNode> Nodes(KeywordValue list) => [.. list.Items("an array of at least one schema", isFilled: true).Select(Node)];

    private SchemaPattern Pattern(KeywordValue value, string pattern)
    {
        if (++_patterns > MaxPatterns)
        {
            throw new JsonSchemaException(value.Location, string.Create(CultureInfo.InvariantCulture, $"is one pattern too many, expected at most {MaxPatterns}"));
        }

        try
        {
            return EcmaPattern.Compile(pattern);
        }
        catch (FormatException exception)
        {
            throw new JsonSchemaException(value.Location, $"has a pattern that {exception.Message}: {Shown.Short(pattern)}", exception);
        }
    }
}
