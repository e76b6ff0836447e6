using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.Mcp;
using LlmOps.Gateway.Routing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /admin/tools: the gateway's own tools, and how they fare.</summary>
internal static class AdminToolsEndpoint
{
    public static void MapAdminTools(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/tools", GetAsync).WithTags("Administration").WithSummary("The gateway's own tools with their schemas, and how they fare on this replica; MCP servers that nobody has needed yet are connected to");

    private static async Task<Ok<ToolsReply>> GetAsync(ToolSources sources, ToolStatistics statistics, GatewayConfiguration configuration, HttpContext http)
    {
        var options = configuration.Current.Options;
        var listed = sources.Current.Select(source => (Source: source, Listing: source.ListAsync(http.RequestAborted).AsTask())).ToList();
        List<ToolSourceReply> replies = [];
        foreach (var (source, listing) in listed)
        {
            replies.Add(ToolSourceReply.Of(source, await listing, options.Functions, options.Routing.Breaker, statistics));
        }

        return TypedResults.Ok(new ToolsReply(options.Functions.Offer, replies));
    }
}

/// <summary>What /admin/tools answers.</summary>
/// <param name="Offer">What is offered where neither key, model nor prompt have a list.</param>
/// <param name="Sources">Where tools come from.</param>
internal sealed record ToolsReply(IReadOnlyList<string> Offer, IReadOnlyList<ToolSourceReply> Sources);

/// <summary>Where tools come from.</summary>
/// <param name="Name">Its name in the configuration; built_in for the gateway itself.</param>
/// <param name="Kind">mcp or built_in.</param>
/// <param name="Server">What an MCP server says it is; null where it does not.</param>
/// <param name="State">up or down.</param>
/// <param name="Fault">Why it is down; null where it is up.</param>
/// <param name="Breaker">closed: it is called; open: calls failed too often and it is left alone; half_open: single calls show whether it is back; null where there is none.</param>
/// <param name="Tools">Its tools; none while it is down.</param>
/// <param name="LeftOut">What else it lists, and why nobody is offered it.</param>
internal sealed record ToolSourceReply(string Name, string Kind, string? Server, string State, string? Fault, string? Breaker, IReadOnlyList<ToolReply> Tools, IReadOnlyList<LeftOutTool> LeftOut)
{
    public static ToolSourceReply Of(IToolSource source, IReadOnlyList<ServerTool> tools, FunctionOptions options, BreakerOptions breaker, ToolStatistics statistics) => new(
        source.Name,
        source is McpServer ? "mcp" : "built_in",
        (source as McpServer)?.Server,
        source.Fault is null ? "up" : "down",
        source.Fault,
        source.Breaker?.Look(breaker).State switch
        {
            null => null,
            BreakerState.Closed => "closed",
            BreakerState.Open => "open",
            _ => "half_open",
        },
        [.. tools.Select(tool => ToolReply.Of(tool, options.Of(tool.Name), statistics.Of(tool.Name)))],
        (source as McpServer)?.LeftOut ?? []);
}

/// <summary>A tool. What is counted is of this replica alone, since its start.</summary>
/// <param name="Name">Its name as models see it.</param>
/// <param name="SourceName">The source's own name for it.</param>
/// <param name="Description">What it does, as models are told.</param>
/// <param name="Schema">The JSON schema of its arguments.</param>
/// <param name="SchemaFault">Why arguments are not held against it before a call; null where they are.</param>
/// <param name="Approval">Whether the caller is asked before each call.</param>
/// <param name="Cacheable">Whether answers that it took part in may be cached.</param>
/// <param name="TimeoutMs">Longest a call may take.</param>
/// <param name="RequestsPerMinute">The most calls per minute; null for no limit.</param>
/// <param name="MaxResultBytes">The most bytes of a result that a model is told.</param>
/// <param name="Calls">Calls that are over.</param>
/// <param name="Errors">Those without a result, by the reason: tool_error, invalid_arguments, guardrail, rate_limited, timeout, unavailable, failed, cancelled.</param>
/// <param name="LatencyMs">How long calls took.</param>
internal sealed record ToolReply(
    string Name, string SourceName, string Description, JsonElement Schema, string? SchemaFault, bool Approval, bool Cacheable, double TimeoutMs, int? RequestsPerMinute, int? MaxResultBytes,
    long Calls, IReadOnlyDictionary<string, long> Errors, ToolLatencyReply LatencyMs)
{
    public static ToolReply Of(ServerTool tool, ToolOptions options, ToolStatistics.Counts? counts)
    {
        var (calls, quantiles) = counts?.Latency.Read(0.5, 0.95) ?? (0, [null, null]);
        return new ToolReply(
            tool.Name, tool.SourceName, tool.Description, tool.JsonSchema, tool.SchemaFault, tool.NeedsApproval, tool.IsCacheable, options.Timeout!.Value.TotalMilliseconds, options.RequestsPerMinute, options.MaxResultBytes,
            calls,
            counts?.Outcomes.Where(outcome => outcome.Key != ToolErrors.None).OrderBy(outcome => outcome.Key, StringComparer.Ordinal).ToDictionary(outcome => outcome.Key, outcome => outcome.Value) ?? [],
            new ToolLatencyReply(quantiles[0], quantiles[1]));
    }
}

/// <summary>How long calls took.</summary>
/// <param name="P50">Half of them took at most so long; null where there was none.</param>
/// <param name="P95">95 % of them took at most so long; null where there was none.</param>
internal sealed record ToolLatencyReply(double? P50, double? P95);
