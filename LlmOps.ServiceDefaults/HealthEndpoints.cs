using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.ServiceDefaults;

/// <summary>/health for people and monitors, /system/health with latency and last error, /alive and /health/ready for orchestrators.</summary>
internal static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Operations");
        group.MapGet("/health", Health).WithSummary("State of the service and of what it depends on; 200 while it can answer");
        group.MapGet("/system/health", SystemHealth).WithSummary("The same, with latency and last error of each dependency");
        group.MapGet("/health/ready", Ready).WithSummary("200 while new requests are welcome; 503 while starting or draining");
        group.MapGet("/alive", Alive).WithSummary("200 while the process runs");
    }

    private static async Task Health(HttpContext http, HealthCheckService checks, HealthHistory history, IOptions<ServiceDefaultsOptions> options)
    {
        var report = await checks.CheckHealthAsync(http.RequestAborted);
        history.Note(report);
        await WriteAsync(http, report, options.Value, (_, _) => { });
    }

    private static async Task SystemHealth(
        HttpContext http, HealthCheckService checks, HealthHistory history, IEnumerable<IDependencyProbe> probes, IOptions<ServiceDefaultsOptions> options)
    {
        // Asked first: what fails now is already in the report then.
        var latencies = (await Task.WhenAll(probes.Select(async probe => (probe.Dependency, Latency: await probe.LatencyAsync(http.RequestAborted)))))
            .ToDictionary(probed => probed.Dependency, probed => probed.Latency);
        var report = await checks.CheckHealthAsync(http.RequestAborted);
        history.Note(report);
        await WriteAsync(http, report, options.Value, (json, name) => WriteDetails(json, latencies.GetValueOrDefault(name), history.ErrorOf(name)));
    }

    // A check that fails degrades the service; as long as this code runs, the service can answer.
    private static async Task WriteAsync(HttpContext http, HealthReport report, ServiceDefaultsOptions options, Action<Utf8JsonWriter, string> writeDetails)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status == HealthStatus.Healthy ? "healthy" : "degraded");
        json.WriteString("service", options.Name);
        json.WriteString("version", options.Version);
        json.WriteStartObject("dependencies");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", entry.Status == HealthStatus.Healthy ? "healthy" : "degraded");
            json.WriteString("description", entry.Description);
            writeDetails(json, name);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, TimeSpan? latency, HealthHistory.LastError? error)
    {
        if (latency is { } took)
        {
            json.WriteNumber("latency_ms", Math.Round(took.TotalMilliseconds, 3));
        }
        else
        {
            json.WriteNull("latency_ms");
        }

        if (error is null)
        {
            json.WriteNull("last_error");
            return;
        }

        json.WriteStartObject("last_error");
        json.WriteString("message", error.Message);
        json.WriteString("at", error.At.UtcDateTime);
        json.WriteEndObject();
    }

    private static IResult Ready(RequestDrain drain) =>
        drain.Ready
            ? Results.Json(Status("ready"))
            : Results.Json(Status("not ready"), statusCode: StatusCodes.Status503ServiceUnavailable);

    private static IResult Alive() => Results.Json(Status("alive"));

    private static Dictionary<string, string> Status(string status) => new() { ["status"] = status };
}
