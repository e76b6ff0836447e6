using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.JsonSchema;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>A tool that the gateway itself carries out for a model.</summary>
/// <param name="source">Where it comes from.</param>
/// <param name="name">Its name as models see it: 1 to 64 letters, digits, _ and -; those of an MCP server begin with the server's name and two underscores.</param>
/// <param name="description">What it does, for the model.</param>
/// <param name="schema">The JSON schema of its arguments.</param>
internal sealed class ServerTool(IToolSource source, string name, string description, JsonElement schema) : AIFunctionDeclaration
{
    private readonly (Schema? Schema, string? Fault) _arguments = Compile(schema);
    private byte[]? _digest;

    /// <inheritdoc/>
    public override string Name { get; } = name;

    /// <inheritdoc/>
    public override string Description { get; } = description;

    /// <inheritdoc/>
    public override JsonElement JsonSchema { get; } = schema;

    /// <summary>Where it comes from.</summary>
    public IToolSource Source { get; private set; } = source;

    /// <summary>The source's own name for it.</summary>
    public string SourceName { get; init; } = name;

    /// <summary>Whether the caller is asked before each call.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>Whether an answer that it took part in may be given again.</summary>
    public bool IsCacheable { get; init; }

    /// <summary>
    /// Why arguments are not held against the schema: it has what <see cref="Schema"/> does not know; null where they are. Such a
    /// tool is offered nevertheless. The schema helps the model, and saves the server calls; what keeps people and secrets safe
    /// (lists, approval, guardrails, limits) holds without it, and the server checks its arguments itself.
    /// </summary>
    public string? SchemaFault => _arguments.Fault;

    /// <summary>Identifies it with all that an answer in which it took part was given under: what models are told, where it is called, and what its operator says of it.</summary>
    public ReadOnlySpan<byte> Digest => _digest ??= SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\0', Name, Source.Name, Source.Address, SourceName, NeedsApproval, IsCacheable, Description, JsonSchema.GetRawText())));

    /// <summary>Which tool it is, whatever models call it.</summary>
    public string Origin => $"{Source.Name}\n{SourceName}";

    /// <summary>The same, from another source.</summary>
    public ServerTool From(IToolSource source)
    {
        var tool = (ServerTool)MemberwiseClone();
        tool.Source = source;
        return tool;
    }

    /// <summary>Where arguments do not fit the schema; none where they do, or where that cannot be said.</summary>
    public IReadOnlyList<SchemaFault> FaultsOf(JsonElement arguments) => _arguments.Schema?.Validate(arguments) ?? [];

    private static (Schema?, string?) Compile(JsonElement schema)
    {
        try
        {
            return (Schema.Parse(schema), null);
        }
        catch (JsonSchemaException exception)
        {
            return (null, exception.Message);
        }
    }
}
