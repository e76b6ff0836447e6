using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>A function that the caller offers the model, and carries out itself.</summary>
internal sealed class FunctionTool(string name, string? description, JsonElement parameters, bool strict, JsonElement? cacheControl) : AIFunctionDeclaration
{
    public override string Name { get; } = name;

    public override string Description { get; } = description ?? "";

    public override JsonElement JsonSchema { get; } = parameters;

    /// <summary>Whether arguments must fit the schema.</summary>
    public bool Strict { get; } = strict;

    /// <summary>Anthropic's <c>cache_control</c>: the prompt up to this tool is to be cached.</summary>
    public JsonElement? CacheControl { get; } = cacheControl;
}
