using System.Text.Json;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>A JSON schema (2020-12, the subset in docs/json-schema.md), compiled once and used by any number of threads.</summary>
internal sealed class Schema
{
    private readonly SchemaNode _root;

    private Schema(SchemaNode root) => _root = root;

    /// <summary>Compiles a schema, which may be disposed of afterwards.</summary>
    /// <exception cref="JsonSchemaException">It is not valid, or has a keyword that is not supported.</exception>
    public static Schema Parse(JsonElement schema)
    {
        if (UnusableJson.Find(schema) is { } flaw)
        {
            throw new JsonSchemaException("#", flaw);
        }

        return new Schema(SchemaCompiler.Compile(schema.Clone()));
    }

    /// <summary>Where the value does not fit: at most 20 places, none where it fits. The work is bounded; a value that needs more has a fault that says so.</summary>
    public IReadOnlyList<SchemaFault> Validate(JsonElement value) =>
        UnusableJson.Find(value) is { } flaw ? [new SchemaFault("$", flaw)] : Validation.Of(_root, value);
}
