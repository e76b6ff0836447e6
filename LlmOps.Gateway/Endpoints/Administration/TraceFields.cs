using System.Globalization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Telemetry.Traces;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>What the query of /admin/traces asks for, checked.</summary>
internal static class TraceFields
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1_000;
    private const decimal MostDollars = 1_000_000;
    private const decimal MostMilliseconds = 1_000_000_000;
    private const int MicrosecondsEach = 1000;
    private const int LowestStatus = 100;
    private const int HighestStatus = 599;

    private static readonly string[] Known =
    [
        "from", "until", "tenant", "model", "prompt", "version", "variant", "experiment", "outcome", "status", "min_cost_usd", "max_cost_usd",
        "min_latency_ms", "max_latency_ms", "request_id", "limit", "after",
    ];

    /// <summary>Reads it.</summary>
    /// <exception cref="GatewayException">400: a parameter is not known, given twice, or not what it should be.</exception>
    public static TraceFilter Read(IQueryCollection query)
    {
        var fields = new QueryFields(query, Known);
        var (isOk, status) = Status(fields.Text("status"));
        var filter = new TraceFilter
        {
            From = fields.Time("from"),
            Until = fields.Time("until"),
            Tenant = fields.Text("tenant"),
            Model = fields.Text("model"),
            Prompt = fields.Text("prompt"),
            Version = fields.Text("version"),
            Variant = fields.Text("variant"),
            Experiment = fields.Text("experiment"),
            Outcome = fields.Text("outcome"),
            IsOk = isOk,
            Status = status,
            MinCost = fields.Amount("min_cost_usd", MostDollars) is { } least ? NanoUsd.FromDollars(least) : null,
            MaxCost = fields.Amount("max_cost_usd", MostDollars) is { } most ? NanoUsd.FromDollars(most) : null,
            MinDuration = Microseconds(fields, "min_latency_ms"),
            MaxDuration = Microseconds(fields, "max_latency_ms"),
            RequestId = fields.Text("request_id"),
            After = After(fields.Text("after")),
            Limit = fields.Number("limit", DefaultLimit, 1, MostLimit),
        };
        return filter.From > filter.Until ? throw QueryFields.Fault("from", $"is {Json.Timestamp(filter.From.Value)}, after until, {Json.Timestamp(filter.Until.Value)}")
            : filter.MinCost?.Value > filter.MaxCost?.Value ? throw QueryFields.Fault("min_cost_usd", "is more than max_cost_usd")
            : filter.MinDuration > filter.MaxDuration ? throw QueryFields.Fault("min_latency_ms", "is more than max_latency_ms")
            : filter;
    }

    private static (bool? IsOk, int? Status) Status(string? text) => text switch
    {
        null => (null, null),
        "ok" => (true, null),
        "error" => (false, null),
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= LowestStatus and <= HighestStatus => (null, status),
        _ => throw QueryFields.Fault("status", $"is '{Shown.Short(text)}'; expected ok, error, or an HTTP status such as 429"),
    };

    private static long? Microseconds(QueryFields fields, string name) =>
        fields.Amount(name, MostMilliseconds) is { } milliseconds ? (long)Math.Round(milliseconds * MicrosecondsEach) : null;

    private static Guid? After(string? text) => text is null ? null
        : Guid.TryParse(text, out var id) ? id
        : throw QueryFields.Fault("after", $"is '{Shown.Short(text)}'; expected next of the page before");
}
