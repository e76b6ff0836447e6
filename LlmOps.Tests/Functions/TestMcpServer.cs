using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace LlmOps.Tests.Functions;

/// <summary>A real MCP server over HTTP, of the package that the gateway uses; it can be stopped and started again at its address.</summary>
internal sealed class TestMcpServer : IAsyncDisposable
{
    private readonly bool _hasSessions;
    private WebApplication? _app;
    private int _port;

    private TestMcpServer(bool hasSessions) => _hasSessions = hasSessions;

    /// <summary>Its tools; changing them is told to clients that have sessions.</summary>
    public McpServerPrimitiveCollection<McpServerTool> Tools { get; } = [];

    /// <summary>The credential that it wants, which it quotes where it gets another one; null for none.</summary>
    public string? Wanted { get; set; }

    /// <summary>The status of every answer, in place of an answer; null for none.</summary>
    public int? Status { get; set; }

    /// <summary>Asked before each message with its method and the whole of it ("end of session" for that, without one); true where it has answered in the server's stead.</summary>
    public Func<string, string, HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>How many further pages its list of tools has, with a tool each.</summary>
    public int Pages { get; set; }

    /// <summary>What was said to it, as it came.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>The methods of MCP that were called, with the headers of each; and ends of sessions.</summary>
    public ConcurrentQueue<(string Method, Dictionary<string, string> Headers)> Requests { get; } = new();

    /// <summary>Its address.</summary>
    public string Url => $"http://127.0.0.1:{_port}/mcp";

    /// <summary>Starts one with a tool that says what it is told.</summary>
    /// <param name="hasSessions">Whether it is of the time when clients had sessions; else each request stands alone.</param>
    public static async Task<TestMcpServer> StartAsync(bool hasSessions = true)
    {
        var server = new TestMcpServer(hasSessions);
        server.Add("echo", (string text) => text);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Adds a tool.</summary>
    public TestMcpServer Add(string name, Delegate tool)
    {
        Tools.Add(McpServerTool.Create(tool, new() { Name = name }));
        return this;
    }

    /// <summary>Adds a tool with a schema of its own.</summary>
    public TestMcpServer AddWithSchema(string name, string schema, string? description = null)
    {
        var tool = McpServerTool.Create((RequestContext<CallToolRequestParams> call) => string.Join(',', call.Params!.Arguments?.Keys ?? []), new() { Name = name, Description = description });
        tool.ProtocolTool.InputSchema = JsonElement.Parse(schema);
        Tools.Add(tool);
        return this;
    }

    /// <summary>Stops it at once; its sessions are forgotten.</summary>
    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    /// <summary>Starts it at the address that it had.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Services.AddMcpServer(options =>
        {
            options.ServerInfo = new Implementation { Name = "test-server", Version = "1" };
            options.ToolCollection = Tools;
            options.Handlers.ListToolsHandler = ListPageAsync;
        }).WithHttpTransport(options => options.SessionMode = _hasSessions ? HttpServerSessionMode.Stateful : HttpServerSessionMode.Stateless);
        _app = builder.Build();
        _app.Use(NoteAsync);
        _app.MapMcp("/mcp");
        await _app.StartAsync();
        _port = new Uri(_app.Urls.First()).Port;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private ValueTask<ListToolsResult> ListPageAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellationToken)
    {
        var page = int.Parse(request.Params?.Cursor ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        return ValueTask.FromResult(page == Pages ? new ListToolsResult() : new ListToolsResult
        {
            Tools = [new Tool { Name = $"page{page}" }],
            NextCursor = (page + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
    }

    private async Task NoteAsync(HttpContext http, RequestDelegate next)
    {
        var (asked, whole) = ("", "");
        if (http.Request.Method == "POST")
        {
            http.Request.EnableBuffering();
            using var message = await JsonDocument.ParseAsync(http.Request.Body);
            http.Request.Body.Position = 0;
            (asked, whole) = (message.RootElement.TryGetProperty("method", out var method) ? method.GetString()! : "", message.RootElement.GetRawText());
            Messages.Enqueue(whole);
            Requests.Enqueue((asked, http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        }
        else if (http.Request.Method == "DELETE")
        {
            asked = "end of session";
            Requests.Enqueue((asked, []));
        }

        var shown = http.Request.Headers.Authorization.ToString();
        if (Wanted is { } wanted && shown != $"Bearer {wanted}")
        {
            http.Response.StatusCode = 401;
            await http.Response.WriteAsync($"'{shown}' is wrong", Encoding.UTF8);
            return;
        }

        if (Status is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        if (asked.Length == 0 || Instead is not { } instead || !await instead(asked, whole, http))
        {
            await next(http);
        }
    }
}
