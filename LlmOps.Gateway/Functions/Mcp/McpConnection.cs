using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>One connection to an MCP server, as long as it holds.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    // From this revision on there are no sessions: who wants to hear of changes asks to be told, by a request without an end.
    private const string ListeningRevision = "2026-07-28";

    private readonly McpClient _client;
    private readonly HttpClient? _http;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _listening;

    // One of them is its owner.
    private int _users = 1;

    private McpConnection(McpClient client, HttpClient? http) => (_client, _http) = (client, http);

    /// <summary>Ends, with the reason, when the connection does.</summary>
    public Task<ClientCompletionDetails> Ended => _client.Completion;

    /// <summary>What the server says it is; null where it does not.</summary>
    public string? Server
    {
        get
        {
            try
            {
                return _client.ServerInfo is { } server ? $"{server.Name} {server.Version}" : null;
            }
            catch (InvalidOperationException)
            {
                // Since 2026-07-28 it need not say so.
                return null;
            }
        }
    }

    /// <summary>Connects.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Told when the list of tools has changed.</param>
    /// <param name="toldByProgram">Told each line that a program writes to its error output.</param>
    /// <param name="cancellationToken">Cancelled when the time of the options is over.</param>
    public static async Task<McpConnection> OpenAsync(string name, ToolServerOptions options, TimeProvider time, Action changed, Action<string> toldByProgram, CancellationToken cancellationToken)
    {
        // Of its own: whatever of it is still on its way ends with it.
        var http = options.Url is null ? null : McpTransports.CreateHttp(time);
        try
        {
            return new McpConnection(await McpClient.CreateAsync(McpTransports.Create(name, options, http, toldByProgram), ClientOptions(options.Timeout, changed), loggerFactory: null, cancellationToken), http);
        }
        catch
        {
            http?.Dispose();
            throw;
        }
    }

    /// <summary>Its tools; and asks to be told of changes, where that must be asked for and nobody does.</summary>
    public async Task<McpList> ListAsync(ToolGuard guard, CancellationToken cancellationToken)
    {
        if (_listening is null or { IsCompleted: true } && _client.ServerCapabilities.Tools?.ListChanged == true && string.CompareOrdinal(_client.NegotiatedProtocolVersion, ListeningRevision) >= 0)
        {
            _listening = ListenAsync();
        }

        return await McpList.ReadAsync(_client, guard, cancellationToken);
    }

    /// <summary>Calls a tool.</summary>
    public async Task<CallToolResult> CallAsync(string tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        var given = arguments.EnumerateObject().ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal);
        var request = new JsonRpcRequest
        {
            Id = new RequestId(Guid.CreateVersion7().ToString("N")),
            Method = RequestMethods.ToolsCall,
            Params = JsonSerializer.SerializeToNode(new CallToolRequestParams { Name = tool, Arguments = given }, McpJsonUtilities.DefaultOptions),
        };
        Interlocked.Increment(ref _users);
        try
        {
            var response = await _client.SendRequestAsync(request, cancellationToken);
            return response.Result.Deserialize<CallToolResult>(McpJsonUtilities.DefaultOptions) ?? throw new JsonException("The call has no result.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && _client.SessionId is not null)
        {
            // Where there are sessions, that the request is gone means nothing: the server would work on for nobody.
            _ = CancelAsync(request.Id);
            throw;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Closes it when the calls that are on their way are over, which its owner no longer makes. Does not fail.</summary>
    /// <param name="most">How long they have.</param>
    /// <param name="time">The clock.</param>
    /// <param name="now">Cancelled when nobody waits for them any more.</param>
    public async Task RetireAsync(TimeSpan most, TimeProvider time, CancellationToken now)
    {
        Leave();
        await ((Task)_unused.Task.WaitAsync(most, time, now)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        try
        {
            await _client.DisposeAsync();
        }
        catch (Exception)
        {
            // It is given up; what its server thinks of that is of no use to anybody.
        }

        _http?.Dispose();
        _closed.Dispose();
    }

    private static McpClientOptions ClientOptions(TimeSpan timeout, Action changed) => new()
    {
        ClientInfo = new Implementation { Name = "LlmOps", Version = Endpoints.ProgramVersion.Own },
        InitializationTimeout = timeout,

        // Older servers may be silent about a question of the new protocol; there must be time left to ask in theirs.
        DiscoverProbeTimeout = timeout / 3,
        Handlers = new McpClientHandlers
        {
            NotificationHandlers =
            [
                new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                {
                    changed();
                    return default;
                }),
            ],
        },
    };

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _unused.TrySetResult();
        }
    }

    private async Task CancelAsync(RequestId call)
    {
        try
        {
            await _client.SendNotificationAsync(NotificationMethods.CancelledNotification, new CancelledNotificationParams { RequestId = call }, cancellationToken: _closed.Token);
        }
        catch (Exception)
        {
            // Nobody waits for the call any more, whatever becomes of it.
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await _client.SendRequestAsync(
                new JsonRpcRequest
                {
                    Method = RequestMethods.SubscriptionsListen,
                    Params = JsonSerializer.SerializeToNode(new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } }, McpJsonUtilities.DefaultOptions),
                },
                _closed.Token);
        }
        catch (Exception)
        {
            // It has ended, or the server does not know it: the list is read anew from time to time, and asked to be told again.
        }
    }
}
