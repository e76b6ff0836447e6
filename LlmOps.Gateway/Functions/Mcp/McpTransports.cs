using LlmOps.Gateway.Providers;
using ModelContextProtocol.Client;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>How an MCP server is spoken to.</summary>
internal static class McpTransports
{
    /// <summary>Longest answer of a server over HTTP, in bytes; a longer one is broken off.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    // A program that does not end when its input does is killed after so long, with all that it has started. Over HTTP a server
    // has so long to end a session.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A client of servers over HTTP. Their addresses are the operator's; a redirect would carry headers elsewhere.</summary>
    public static HttpClient CreateHttp(TimeProvider time) => new(new GatewayHops(new BoundedEnd(EndTimeout, time, new BoundedResponses(MostBytes, new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = new TraceParentPropagator(),
    }))))
    {
        // A stream of notifications has no end; calls have their own time.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The transport of a server. The package's own logging is left out: it has contents.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="http">For HTTP; null for a program.</param>
    /// <param name="toldByProgram">Told each line that a program writes to its error output.</param>
    public static IClientTransport Create(string name, ToolServerOptions options, HttpClient? http, Action<string> toldByProgram) =>
        options.Url is { } url ? OverHttp(name, url, options, http!) : OverStdio(name, options, toldByProgram);

    private static HttpClientTransport OverHttp(string name, Uri url, ToolServerOptions options, HttpClient http)
    {
        var headers = options.Headers.ToDictionary(header => header.Key, header => header.Value.Reveal());
        if (options.ApiKey is { } key)
        {
            headers["Authorization"] = $"Bearer {key.Reveal()}";
        }

        return new HttpClientTransport(
            new HttpClientTransportOptions { Name = name, Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp, ConnectionTimeout = options.Timeout, AdditionalHeaders = headers }, http);
    }

    private static StdioClientTransport OverStdio(string name, ToolServerOptions options, Action<string> toldByProgram)
    {
        var environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (variable, value) in options.Environment)
        {
            environment[variable] = value.Reveal();
        }

        var (command, arguments) = InGroupOfItsOwn(options.Command!, options.Arguments);
        return new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = name,
            Command = command,
            Arguments = arguments,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = environment,
            ShutdownTimeout = EndTimeout,
            StandardErrorLines = toldByProgram,
        });
    }

    // Ctrl+C in a terminal reaches all of a process group: a server in the gateway's own would be gone while the gateway still
    // finishes requests. Where there is no setsid, it is.
    private static (string Command, IList<string> Arguments) InGroupOfItsOwn(string command, List<string> arguments)
    {
        const string SetSid = "/usr/bin/setsid";
        return OperatingSystem.IsLinux() && File.Exists(SetSid) ? (SetSid, [command, .. arguments]) : (command, arguments);
    }
}
