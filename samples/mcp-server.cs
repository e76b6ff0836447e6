#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:package ModelContextProtocol.AspNetCore
// A small MCP server over streamable HTTP: `dotnet run samples/mcp-server.cs` listens on http://127.0.0.1:8081/mcp, or on PORT.
using System.ComponentModel;
using ModelContextProtocol.Server;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddMcpServer().WithHttpTransport().WithTools<Parcels>();
var app = builder.Build();
app.MapMcp("/mcp");
app.Run($"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8081"}");

[McpServerToolType]
internal sealed class Parcels
{
    private static readonly Dictionary<int, string> Known = new() { [7] = "in the van, due today", [8] = "delivered yesterday" };

    [McpServerTool(Name = "track"), Description("Tracks a parcel: where it is now.")]
    public static string Track([Description("The parcel's number.")] int parcel) =>
        Known.TryGetValue(parcel, out var where) ? $"Parcel {parcel} is {where}." : $"There is no parcel {parcel}; there are {string.Join(" and ", Known.Keys)}.";

    [McpServerTool(Name = "cancel"), Description("Cancels a parcel: it goes back to its sender.")]
    public static string Cancel([Description("The parcel's number.")] int parcel) => $"Parcel {parcel} goes back to its sender.";
}
