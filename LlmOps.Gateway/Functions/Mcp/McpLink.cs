using System.Diagnostics.CodeAnalysis;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>
/// The connection to an MCP server, its list of tools, and what is known of both: it is made when it is needed, given up when it is
/// of no use, and made again after a pause. All requests share it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It is disposed asynchronously.")]
internal sealed partial class McpLink : IAsyncDisposable
{
    // A server may say again and again that its list has changed.
    private static readonly TimeSpan BetweenLists = TimeSpan.FromSeconds(1);

    // A connection that held for so long is no failed attempt when it ends.
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(30);

    private readonly McpServer _server;
    private readonly ToolGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILogger<McpServer> _logger;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();
    private readonly PacedWork _refresh;
    private FunctionOptions _functions;
    private Task? _connecting;
    private volatile bool _isOutdated;
    private volatile McpServerState _state = McpServerState.New;

    /// <param name="server">The server.</param>
    /// <param name="functions">What holds for its tools.</param>
    /// <param name="guard">Looks at what it lists.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where changes are told.</param>
    public McpLink(McpServer server, FunctionOptions functions, ToolGuard guard, TimeProvider time, ILogger<McpServer> logger)
    {
        (_server, _functions, _guard, _time, _logger) = (server, functions, guard, time, logger);
        _refresh = new PacedWork(RefreshAsync, BetweenLists, time, _closed.Token);
    }

    /// <summary>What is known now.</summary>
    public McpServerState State => _state;

    /// <summary>How long the latest list took; null before there was one.</summary>
    public TimeSpan? ListTook { get; private set; }

    /// <summary>Connects, unless it is connected or being so. Does not fail.</summary>
    public Task ConnectAsync()
    {
        lock (_lock)
        {
            return _closed.IsCancellationRequested || _state.Connection is not null ? Task.CompletedTask : _connecting ??= Task.Run(TryConnectAsync);
        }
    }

    /// <summary>A connection has ended; what held for long did not fail then.</summary>
    public void Lost(McpConnection connection, string fault) =>
        Down(connection, fault, failures: _time.GetElapsedTime(_state.ConnectedAt) >= LongLife ? 0 : _state.Failures + 1, isLost: true);

    /// <summary>There is to be another connection in place of one that is of no use any more; null for one that was not made.</summary>
    public void Down(McpConnection? connection, string fault, int failures, bool isLost = false)
    {
        lock (_lock)
        {
            if (_closed.IsCancellationRequested || (connection is not null && _state.Connection != connection))
            {
                return;
            }

            if (_state.Fault != fault)
            {
                LogDown(_server.Name, fault);
            }

            _state = McpServerState.Down(fault, failures, isLost, _time.GetTimestamp());
        }

        // Others' calls are still on their way on it.
        _ = connection?.RetireAsync(_functions.Timeout, _time, _closed.Token);
    }

    /// <summary>Reads the list anew where it is old, in the background.</summary>
    public void RefreshIfOld()
    {
        if (IsOld(_state))
        {
            _refresh.Ask();
        }
    }

    /// <summary>What is known of it may not be true any more: its list is read anew, in the background. Where that fails, it is down.</summary>
    public void Outdated()
    {
        _isOutdated = true;
        _refresh.Ask();
    }

    /// <summary>Takes over settings that leave its connection as it is.</summary>
    public void Use(FunctionOptions others)
    {
        lock (_lock)
        {
            _functions = others;
            _state = _state with { Tools = McpTools.Of(_server, _state.List, others) };
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        Task? connecting;
        lock (_lock)
        {
            connecting = _connecting;
        }

        if (connecting is not null)
        {
            await connecting;
        }

        var connection = _state.Connection;
        _state = McpServerState.Closed;
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    // Does not fail.
    private async Task TryConnectAsync()
    {
        McpConnection? connection = null;
        var (startedAt, failures) = (_time.GetTimestamp(), _state.Failures);
        try
        {
            using var timeout = new CancellationTokenSource(_server.Options.Timeout, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closed.Token);
            connection = await McpConnection.OpenAsync(_server.Name, _server.Options, _time, Outdated, line => LogProgram(_server.Name, line), limit.Token);
            var list = await connection.ListAsync(_guard, limit.Token);
            ListTook = _time.GetElapsedTime(startedAt);
            Up(connection, list, failures);
        }
        catch (Exception exception)
        {
            Down(null, McpFault.Of(exception), failures + 1);
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
        finally
        {
            lock (_lock)
            {
                _connecting = null;
            }
        }
    }

    private void Up(McpConnection connection, McpList list, int failures)
    {
        McpTools tools;
        lock (_lock)
        {
            // Failures are forgotten when it has held for a while: see Lost.
            tools = McpTools.Of(_server, list, _functions);
            _state = new McpServerState(connection, list, tools) { ListedAt = _time.GetTimestamp(), ConnectedAt = _time.GetTimestamp(), Failures = failures };
        }

        LogUp(_server.Name, tools.All.Count);
        tools.Tell(_server.Name, _logger);
        _ = WatchAsync(connection);
    }

    private async Task WatchAsync(McpConnection connection)
    {
        var details = await connection.Ended;
        Lost(connection, McpFault.Of(details));
    }

    private bool IsOld(McpServerState state) => _time.GetElapsedTime(state.ListedAt) >= _server.Options.RefreshAfter;

    // In the background; requests go on with the list that there is.
    private async Task RefreshAsync()
    {
        Task? connecting;
        lock (_lock)
        {
            connecting = _connecting;
        }

        if (connecting is not null)
        {
            // What changes while it is read for the first time need not be in it.
            await connecting;
        }

        if (_state is not { Connection: { } connection } state || !(_isOutdated || IsOld(state)))
        {
            return;
        }

        _isOutdated = false;
        var startedAt = _time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(_server.Options.Timeout, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closed.Token);
            Take(connection, await connection.ListAsync(_guard, limit.Token));
            ListTook = _time.GetElapsedTime(startedAt);
        }
        catch (Exception exception) when (McpFault.IsSessionLost(exception))
        {
            Lost(connection, McpFault.Of(exception));
        }
        catch (Exception exception)
        {
            Down(connection, McpFault.Of(exception), failures: 1);
        }
    }

    private void Take(McpConnection connection, McpList list)
    {
        McpTools tools;
        lock (_lock)
        {
            if (_state.Connection != connection)
            {
                return;
            }

            tools = McpTools.Of(_server, list, _functions);
            _state = _state with { List = list, Tools = tools, ListedAt = _time.GetTimestamp() };
        }

        LogListed(_server.Name, tools.All.Count);
        tools.Tell(_server.Name, _logger);
    }

    [LoggerMessage(LogLevel.Information, "MCP server {Server} is connected, with {Tools} tools.")]
    private partial void LogUp(string server, int tools);

    [LoggerMessage(LogLevel.Warning, "MCP server {Server} is down: {Reason}. Its tools are left out.")]
    private partial void LogDown(string server, string reason);

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} has {Tools} tools.")]
    private partial void LogListed(string server, int tools);

    [LoggerMessage(LogLevel.Debug, "MCP server {Server} wrote: {Line}")]
    private partial void LogProgram(string server, string line);
}
