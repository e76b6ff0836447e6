using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace LlmOps.Tests.Functions;

/// <summary>This assembly as a program: an MCP server over stdio, of the same package that the gateway uses. The test host does not come this way.</summary>
internal static class StdioServerProgram
{
    public static async Task<int> Main()
    {
        var tools = new McpServerPrimitiveCollection<McpServerTool>();
        tools.Add(McpServerTool.Create((string text) => text, new() { Name = "echo", Description = "Says the same." }));
        tools.Add(McpServerTool.Create(() => string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal)), new() { Name = "variables" }));
        tools.Add(McpServerTool.Create(() => Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), new() { Name = "process" }));
        tools.Add(McpServerTool.Create((int code) => Environment.Exit(code), new() { Name = "exit" }));
        tools.Add(McpServerTool.Create(() => tools.TryAdd(McpServerTool.Create(() => "new", new() { Name = "added" })), new() { Name = "grow" }));
        Console.Error.WriteLine("the program has begun");
        await using var server = McpServer.Create(
            new StdioServerTransport("stdio-test"), new McpServerOptions { ServerInfo = new Implementation { Name = "stdio-test", Version = "1" }, ToolCollection = tools });
        await server.RunAsync();
        return 0;
    }
}
