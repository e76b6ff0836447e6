using System.Text.Json;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Functions;

/// <summary>Where tools come from: an MCP server, or the gateway itself.</summary>
internal interface IToolSource
{
    /// <summary>Its name, as in the configuration.</summary>
    string Name { get; }

    /// <summary>What the names of all its tools begin with; empty for nothing in common.</summary>
    string Prefix => "";

    /// <summary>Where it is reached; never shown.</summary>
    string Address => "";

    /// <summary>Why it cannot be reached, without anything that it has said; null where it can, or where nobody has tried.</summary>
    string? Fault => null;

    /// <summary>Keeps calls from it while it fails; null where nothing does.</summary>
    CircuitBreaker? Breaker => null;

    /// <summary>The tools that it has now; none while it cannot be reached.</summary>
    ValueTask<IReadOnlyList<ServerTool>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Carries out a call.</summary>
    /// <param name="tool">One of its tools.</param>
    /// <param name="arguments">An object that fits the tool's schema.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="ToolUnavailableException">The source cannot be reached.</exception>
    /// <exception cref="Exception">It could not be carried out.</exception>
    ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, CancellationToken cancellationToken);
}

/// <summary>What came of a call of a tool.</summary>
/// <param name="Text">What the model is told.</param>
/// <param name="IsError">Whether that is why there is no result.</param>
internal readonly record struct ToolResult(string Text, bool IsError)
{
    /// <summary>The kind of the error, of <see cref="ToolErrors"/>; null where it is none, or the tool's own.</summary>
    public string? ErrorType { get; init; }
}

/// <summary>A source of tools cannot be reached; the message says why, without anything that it has said.</summary>
internal sealed class ToolUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
