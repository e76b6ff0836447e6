using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// A piece of a tool call in a stream, so that arguments can go out as the model writes them. The whole call follows
/// as a <see cref="FunctionCallContent"/> in the update that carries the finish reason.
/// </summary>
internal sealed class ToolCallDelta : AIContent
{
    /// <summary>Position of the call among the parallel ones of this answer, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The call's id; in its first piece only.</summary>
    public string? CallId { get; init; }

    /// <summary>The tool's name; in its first piece only.</summary>
    public string? Name { get; init; }

    /// <summary>The next part of the arguments' JSON text; may be empty.</summary>
    public string Arguments { get; init; } = "";
}
