using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.ServiceDefaults;

/// <summary>/health for people and monitors, /alive and /health/ready for orchestrators.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Operations");
        group.MapGet("/health", Health).WithSummary("State of the service and of what it depends on; 200 while it can answer");
        group.MapGet("/health/ready", Ready).WithSummary("200 while new requests are welcome; 503 while starting or draining");
        group.MapGet("/alive", Alive).WithSummary("200 while the process runs");
    }

    // A check that fails degrades the service; as long as this code runs, the service can answer.
    private static async Task Health(HttpContext http, HealthCheckService checks, IOptions<ServiceDefaultsOptions> options)
    {
        var report = await checks.CheckHealthAsync(http.RequestAborted);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status == HealthStatus.Healthy ? "healthy" : "degraded");
        json.WriteString("service", options.Value.Name);
        json.WriteString("version", options.Value.Version);
        json.WriteStartObject("dependencies");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", entry.Status == HealthStatus.Healthy ? "healthy" : "degraded");
            json.WriteString("description", entry.Description);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static IResult Ready(RequestDrain drain) =>
        drain.Ready
            ? Results.Json(Status("ready"))
            : Results.Json(Status("not ready"), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static IResult Alive() => Results.Json(Status("alive"));

    private static Dictionary<string, string> Status(string status) => new() { ["status"] = status };
}
