using System.Text.Json;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Functions;

/// <summary>A tool of which it is known whether a call has reached its source. Until then the call has had no effect.</summary>
internal sealed class WatchedTool : IToolSource
{
    private readonly ServerTool _tool;

    /// <param name="tool">The tool.</param>
    public WatchedTool(ServerTool tool)
    {
        _tool = tool;
        Tool = tool.From(this);
    }

    /// <summary>The tool, for the calls that are watched.</summary>
    public ServerTool Tool { get; }

    /// <summary>Whether a call has begun.</summary>
    public bool IsBegun { get; private set; }

    /// <inheritdoc/>
    public string Name => _tool.Source.Name;

    /// <inheritdoc/>
    public string Prefix => _tool.Source.Prefix;

    /// <inheritdoc/>
    public string? Fault => _tool.Source.Fault;

    /// <inheritdoc/>
    public CircuitBreaker? Breaker => _tool.Source.Breaker;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ServerTool>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ServerTool>>([Tool]);

    /// <inheritdoc/>
    public ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        IsBegun = true;
        return _tool.Source.CallAsync(_tool, arguments, cancellationToken);
    }
}
