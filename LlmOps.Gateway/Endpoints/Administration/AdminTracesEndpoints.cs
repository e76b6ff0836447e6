using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Traces;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/traces: what became of each request, and why.</summary>
internal static class AdminTracesEndpoints
{
    private const long Megabyte = 1024 * 1024;

    public static void MapAdminTraces(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/traces").WithTags("Administration");
        group.MapGet("", ListAsync).WithSummary("Requests of the last days, newest first");
        group.MapGet("/{id}", GetAsync).WithSummary("A request: everything that is known of it, and why it went as it did");
    }

    // The parameters that are not used here are for the OpenAPI document: they are read from the request itself, as one that is given twice, or is not known, is a mistake.
    private static async Task<Ok<TraceList>> ListAsync(
        HttpContext http, TraceSearch search,
        string? from, string? until, string? tenant, string? model, string? prompt, string? version, string? variant, string? experiment, string? outcome, string? status,
        string? min_cost_usd, string? max_cost_usd, string? min_latency_ms, string? max_latency_ms, string? request_id, string? limit, string? after)
    {
        var page = await search.FindAsync(TraceFields.Read(http.Request.Query), http.RequestAborted);
        return TypedResults.Ok(new TraceList([.. page.Traces.Select(TraceHead.Of)], page.Next is not null, page.Next));
    }

    private static async Task<Ok<TraceReply>> GetAsync(string id, HttpContext http, TraceTables tables, GatewayConfiguration configuration) =>
        TypedResults.Ok(TraceReply.Of(await tables.FindAsync(id, http.RequestAborted) ?? throw NotFound(id, configuration.Current.Options.Telemetry.Traces)));

    private static GatewayException NotFound(string id, TraceStoreOptions options) => new(
        ErrorCode.NotFound,
        options.Enabled
            ? $"There is no trace '{Shown.Short(id)}'; expected the id of a trace, or the X-Request-ID of an answer. Traces are kept for {Days(options.Retention)}, the newest {options.MaxBytes / Megabyte} MB of them; a request has one soon after its end."
            : $"There is no trace '{Shown.Short(id)}': traces are not kept (Gateway:Telemetry:Traces:Enabled).",
        "id");

    private static string Days(TimeSpan time) => time == TimeSpan.FromDays(time.Days) ? $"{time.Days} days" : $"{time:c}";
}
