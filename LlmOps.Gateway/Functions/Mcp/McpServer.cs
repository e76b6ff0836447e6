using System.Text.Json;
using LlmOps.Gateway.Routing;
using ModelContextProtocol;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>
/// An MCP server. It is connected to when its tools are first asked for; all requests share the connection. While it is down its
/// tools are left out, as a model should not be offered what cannot be done; it is tried again in the background, more and more
/// rarely, when a request asks for its tools.
/// </summary>
internal sealed class McpServer : IToolSource, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly McpLink _link;

    /// <param name="name">Its name in the configuration.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="functions">What holds for its tools.</param>
    /// <param name="guard">Looks at what it lists.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where changes of its state are told.</param>
    public McpServer(string name, ToolServerOptions options, FunctionOptions functions, ToolGuard guard, TimeProvider time, ILogger<McpServer> logger)
    {
        (Name, Options, _time) = (name, options, time);
        Breaker = new CircuitBreaker(time);
        _link = new McpLink(this, functions, guard, time, logger);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Prefix => Name + ToolName.Separator;

    /// <inheritdoc/>
    public string Address => Options.Url?.ToString() ?? string.Join(' ', [Options.Command, .. Options.Arguments]);

    /// <inheritdoc/>
    public string? Fault => _link.State.Fault;

    /// <inheritdoc/>
    public CircuitBreaker Breaker { get; }

    /// <summary>Its settings.</summary>
    public ToolServerOptions Options { get; private set; }

    /// <summary>Whether it is connected.</summary>
    public bool IsUp => _link.State.Connection is not null;

    /// <summary>What it says it is; null where it does not, or is not connected.</summary>
    public string? Server => _link.State.Connection?.Server;

    /// <summary>The tools that it lists and that are left out.</summary>
    public IReadOnlyList<LeftOutTool> LeftOut => _link.State.Tools.LeftOut;

    /// <summary>How long its latest list took; null before there was one.</summary>
    public TimeSpan? ListTook => _link.ListTook;

    /// <summary>Takes over settings that leave its connection as it is.</summary>
    public void Use(ToolServerOptions options, FunctionOptions functions)
    {
        Options = options;
        _link.Use(functions);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ServerTool>> ListAsync(CancellationToken cancellationToken)
    {
        var state = _link.State;
        if (state.Connection is not null)
        {
            _link.RefreshIfOld();
        }
        else if (state.Pause == TimeSpan.Zero)
        {
            // Nobody knows yet that it is down: it is waited for.
            await _link.ConnectAsync().WaitAsync(cancellationToken);
        }
        else if (_time.GetElapsedTime(state.FailedAt) >= state.Pause)
        {
            _ = _link.ConnectAsync();
        }

        return _link.State.Tools.All;
    }

    /// <inheritdoc/>
    public async ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        var connection = await ConnectedAsync(cancellationToken);
        try
        {
            return await CallAsync(connection, tool, arguments, cancellationToken);
        }
        catch (Exception exception) when (McpFault.WasNotCarriedOut(exception) && !cancellationToken.IsCancellationRequested)
        {
            _link.Lost(connection, McpFault.Of(exception));
        }

        return await CallAsync(await ConnectedAsync(cancellationToken), tool, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async ValueTask<McpConnection> ConnectedAsync(CancellationToken cancellationToken)
    {
        if (_link.State is { Connection: null } state && state.Pause == TimeSpan.Zero)
        {
            await _link.ConnectAsync().WaitAsync(cancellationToken);
        }

        return _link.State.Connection ?? throw new ToolUnavailableException(_link.State.Fault ?? "it is not connected");
    }

    private async ValueTask<ToolResult> CallAsync(McpConnection connection, ServerTool tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        try
        {
            var result = await connection.CallAsync(tool.SourceName, arguments, cancellationToken);
            return new ToolResult(McpResultText.Of(result), result.IsError == true);
        }
        catch (McpProtocolException exception)
        {
            // An unknown tool, arguments that it does not take: what the model can mend.
            return new ToolResult(exception.Message, IsError: true);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolUnavailableException("the connection has ended", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !McpFault.WasNotCarriedOut(exception))
        {
            if (McpFault.IsSessionLost(exception))
            {
                _link.Lost(connection, McpFault.Of(exception));
            }
            else if (McpFault.IsDown(exception, isProgram: Options.Command is not null))
            {
                _link.Down(connection, McpFault.Of(exception), failures: 1);
            }
            else if (exception is HttpRequestException { StatusCode: null } or IOException)
            {
                // This call's bad luck, or the first sign of its end.
                _link.Outdated();
            }

            throw new ToolUnavailableException(McpFault.Of(exception), exception);
        }
    }
}
