using System.Globalization;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>Refuses schemas that apply each other to one and the same value without end, such as <c>{"$ref":"#"}</c>.</summary>
internal sealed class InPlaceNesting
{
    private const int MaxDepth = 64;

    private readonly Dictionary<SchemaNode, int> _heights = [];
    private readonly HashSet<SchemaNode> _open = [];

    /// <summary>Looks at all schemas of a document, whose references are resolved.</summary>
    /// <exception cref="JsonSchemaException">A schema leads to itself, or through more than 64 others.</exception>
    public static void Check(IEnumerable<SchemaNode> schemas)
    {
        var nesting = new InPlaceNesting();
        foreach (var schema in schemas)
        {
            nesting.Height(schema);
        }
    }

    private int Height(SchemaNode schema)
    {
        if (_heights.TryGetValue(schema, out var height))
        {
            return height;
        }

        if (!_open.Add(schema))
        {
            throw new JsonSchemaException(schema.Location, "applies itself to the same value without end, expected references to itself within properties or items only");
        }

        foreach (var next in schema.Assertions.SelectMany(assertion => assertion.InPlace))
        {
            height = Math.Max(height, _open.Count > MaxDepth ? MaxDepth : Height(next));
        }

        if (++height > MaxDepth)
        {
            throw new JsonSchemaException(schema.Location, string.Create(CultureInfo.InvariantCulture, $"applies more than {MaxDepth} schemas within each other to one value"));
        }

        _open.Remove(schema);
        return _heights[schema] = height;
    }
}
