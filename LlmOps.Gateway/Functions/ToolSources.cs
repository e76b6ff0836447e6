using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Functions.BuiltIn;
using LlmOps.Gateway.Functions.Mcp;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// The sources of tools of the configuration in force. When that changes, servers that are the same keep their connections, and
/// those that are gone are closed once the requests that may still call them have had the time for it.
/// </summary>
internal sealed class ToolSources : IAsyncDisposable
{
    private readonly GatewayConfiguration _configuration;
    private readonly IToolSource[] _others;
    private readonly HttpGet _httpGet;
    private readonly ToolGuard _guard;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _change = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _leaving = [];
    private volatile IToolSource[] _current = [];
    private bool _isClosed;

    /// <param name="configuration">The configuration.</param>
    /// <param name="others">Sources that no setting makes.</param>
    /// <param name="httpGet">What fetches pages.</param>
    /// <param name="guard">Looks at what servers list.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where servers log.</param>
    public ToolSources(GatewayConfiguration configuration, IEnumerable<IToolSource> others, HttpGet httpGet, ToolGuard guard, TimeProvider time, ILoggerFactory loggers)
    {
        (_configuration, _others, _httpGet, _guard, _time, _loggers) = (configuration, [.. others], httpGet, guard, time, loggers);
        configuration.Changed += Apply;
        Apply();
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<IToolSource> Current => _current;

    /// <summary>Those of them that are MCP servers.</summary>
    public IEnumerable<McpServer> Servers => _current.OfType<McpServer>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IToolSource[] last;
        lock (_change)
        {
            _isClosed = true;
            (last, _current) = (_current, []);
        }

        _configuration.Changed -= Apply;
        await _closing.CancelAsync();
        await Task.WhenAll([.. last.OfType<McpServer>().Select(server => server.DisposeAsync().AsTask()), .. _leaving]);
        _closing.Dispose();
    }

    // Does not fail.
    private async Task LeaveAsync(McpServer server, TimeSpan after)
    {
        await Task.Delay(after, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.DisposeAsync();
    }

    private void Apply()
    {
        lock (_change)
        {
            if (_isClosed)
            {
                return;
            }

            var functions = _configuration.Current.Options.Functions;
            var before = Servers.ToDictionary(server => server.Name, StringComparer.Ordinal);
            List<IToolSource> sources = [.. _others, .. new BuiltInTools(functions, _httpGet, _time) is { IsEmpty: false } builtIn ? (IToolSource[])[builtIn] : []];
            foreach (var (name, options) in functions.Servers)
            {
                if (before.TryGetValue(name, out var known) && known.Options.IsSameServer(options))
                {
                    before.Remove(name);
                    known.Use(options, functions);
                    sources.Add(known);
                }
                else
                {
                    sources.Add(new McpServer(name, options, functions, _guard, _time, _loggers.CreateLogger<McpServer>()));
                }
            }

            _current = [.. sources];
            _leaving.RemoveAll(leaving => leaving.IsCompleted);
            _leaving.AddRange(before.Values.Select(gone => LeaveAsync(gone, functions.Timeout)));
        }
    }
}
