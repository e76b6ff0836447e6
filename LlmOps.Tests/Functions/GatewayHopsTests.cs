using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace LlmOps.Tests.Functions;

/// <summary>Gateways that are each other's MCP servers do not call one another without end.</summary>
public sealed class GatewayHopsTests
{
    [Theory]
    [InlineData(null, "1")]
    [InlineData("2", "3")]
    [InlineData("4", "5")]
    public async Task Call_TellsItsServerThroughHowManyGatewaysItCame(string? come, string told)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions: false);
        server.Tools.Add(McpServerTool.Create(
            ([Description("The parcel's number.")] int parcel) => $"Parcel {parcel} is in the van.", new() { Name = "track", Description = "Tracks a parcel: where it is now." }));
        await using var gateway = new GatewayApplication().WithServer("parcels", server);

        var answer = await AskAsync(gateway, come);

        answer.IsError.ShouldNotBe(true);
        answer.Content.OfType<TextContentBlock>().First().Text.ShouldContain("in the van");
        server.Requests.Single(request => request.Method == "tools/call").Headers["X-LlmOps-Hops"].ShouldBe(told);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task CallThatHasComeTooFar_IsRefused(string come)
    {
        await using var gateway = new GatewayApplication();

        (await Should.ThrowAsync<McpProtocolException>(() => AskAsync(gateway, come))).Message.ShouldContain($"INVALID_VALUE: X-LlmOps-Hops is '{come}'; expected 0 to 4");
    }

    private static async Task<CallToolResult> AskAsync(GatewayApplication gateway, string? come)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(gateway.Address, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = come is null ? null : new Dictionary<string, string> { ["X-LlmOps-Hops"] = come },
        });
        await using var client = await McpClient.CreateAsync(transport);
        return await client.CallToolAsync("chat", new Dictionary<string, object?> { ["prompt"] = "Where is parcel 7?" });
    }
}
