using System.Collections.Concurrent;
using System.Text.Json;
using LlmOps.Gateway.Functions;

namespace LlmOps.Tests.Functions;

/// <summary>A source of tools that does what a test says, and remembers the calls.</summary>
internal sealed class FakeTools : IToolSource
{
    private const string NumbersSchema = """{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]}""";

    private readonly List<ServerTool> _tools = [];
    private readonly Dictionary<string, Func<JsonElement, CancellationToken, Task<ToolResult>>> _calls = [];

    public string Name => "fake";

    /// <summary>What was called, with its arguments.</summary>
    public ConcurrentQueue<(string Tool, string Arguments)> Calls { get; } = new();

    /// <summary>Adds a tool, in the place of one of that name.</summary>
    public FakeTools With(string name, Func<JsonElement, CancellationToken, Task<ToolResult>> call, bool needsApproval = false, bool isCacheable = false, string schema = NumbersSchema, string? sourceName = null)
    {
        Without(name);
        _tools.Add(new ServerTool(this, name, $"The tool {name}", JsonElement.Parse(schema)) { NeedsApproval = needsApproval, IsCacheable = isCacheable, SourceName = sourceName ?? name });
        _calls[name] = call;
        return this;
    }

    /// <summary>Takes a tool away.</summary>
    public void Without(string name) => _tools.RemoveAll(tool => tool.Name == name);

    /// <summary>Adds a tool that adds <c>a</c> and <c>b</c>.</summary>
    public FakeTools WithSum(string name = "add", bool needsApproval = false, bool isCacheable = false, string? sourceName = null) => With(
        name,
        (arguments, _) => Task.FromResult(new ToolResult($"sum {arguments.GetProperty("a").GetInt32() + arguments.GetProperty("b").GetInt32()}", IsError: false)),
        needsApproval, isCacheable, sourceName: sourceName);

    public ValueTask<IReadOnlyList<ServerTool>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ServerTool>>([.. _tools]);

    public async ValueTask<ToolResult> CallAsync(ServerTool tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        Calls.Enqueue((tool.Name, arguments.GetRawText()));
        return await _calls[tool.Name](arguments, cancellationToken);
    }
}
