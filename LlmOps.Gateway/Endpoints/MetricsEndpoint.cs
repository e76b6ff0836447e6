using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Telemetry.Metrics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /metrics: what OpenTelemetry's instruments have counted, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", GetAsync).WithTags("Operations").WithSummary("Metrics of this replica, in Prometheus' text format").Produces<string>(StatusCodes.Status200OK, PrometheusText.ContentType.Split(';')[0]);

    private static async Task<ContentHttpResult> GetAsync(HttpContext http, PrometheusMetrics metrics) =>
        await metrics.CollectAsync(http.RequestAborted) is { } text
            ? TypedResults.Text(text, PrometheusText.ContentType)
            : throw new GatewayException(ErrorCode.NotFound, "No metrics are gathered (Gateway:Telemetry:Metrics).");
}
