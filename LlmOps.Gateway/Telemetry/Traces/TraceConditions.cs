using Dapper;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>A filter as SQL.</summary>
/// <param name="All">What must hold, beside the time; empty for nothing.</param>
/// <param name="Paths">Parts of it that have an index, which is in the order of ids; the first one is likely to fit the fewest.</param>
/// <param name="Parameters">Their values.</param>
/// <param name="Before">Only ids below this one.</param>
internal sealed record TraceConditions(IReadOnlyList<string> All, IReadOnlyList<string> Paths, DynamicParameters Parameters, string Before)
{
    // As the indexes have it, by which they are recognized.
    private const string Failed = "outcome <> 'ok'";
    private const string Slow = "duration_us >= 10000000";
    private const string Dear = "cost_nano >= 100000000";
    private const long SlowFrom = 10_000_000;
    private const long DearFrom = 100_000_000;
    private const int FirstFailure = 400;

    // Ids are of hexadecimal digits.
    private const string AboveAll = "g";

    /// <summary>A filter.</summary>
    public static TraceConditions Of(TraceFilter filter)
    {
        var parameters = new DynamicParameters();
        List<string> all = [], paths = [];
        if (Add("request_id = @request_id", "request_id", filter.RequestId))
        {
            paths.Add(all[^1]);
        }

        if (Add("prompt = @prompt", "prompt", filter.Prompt))
        {
            paths.Add(filter.Version is null ? all[^1] : $"{all[^1]} AND prompt_version = @version");
        }

        Add("prompt_version = @version", "version", filter.Version);
        if (Add("experiment = @experiment", "experiment", filter.Experiment))
        {
            paths.Add(all[^1]);
        }

        Add("variant = @variant", "variant", filter.Variant);
        AddFailures();
        if (Add("duration_us >= @min_duration", "min_duration", filter.MinDuration) && filter.MinDuration >= SlowFrom)
        {
            paths.Add(Slow);
        }

        if (Add("cost_nano >= @min_cost", "min_cost", filter.MinCost?.Value) && filter.MinCost?.Value >= DearFrom)
        {
            paths.Add(Dear);
        }

        Add("duration_us <= @max_duration", "max_duration", filter.MaxDuration);
        Add("cost_nano <= @max_cost", "max_cost", filter.MaxCost?.Value);
        if (Add("tenant = @tenant", "tenant", filter.Tenant))
        {
            paths.Add(all[^1]);
        }

        if (Add("model = @model", "model", filter.Model))
        {
            paths.Add(all[^1]);
        }

        // Ids begin with the time of the arrival.
        parameters.Add("from", filter.From is { } from ? TimeOrderedId.LeastAt(from) : "");
        var (until, after) = (filter.Until is { } time ? TimeOrderedId.LeastAt(time) : AboveAll, filter.After?.ToString() ?? AboveAll);
        return new TraceConditions(all, paths, parameters, string.CompareOrdinal(until, after) < 0 ? until : after);

        bool Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                all.Add(condition);
                parameters.Add(name, value);
            }

            return value is not null;
        }

        void AddFailures()
        {
            var isOutcome = Add("outcome = @outcome", "outcome", filter.Outcome);
            var isStatus = Add("status = @status", "status", filter.Status);
            if (filter.IsOk == true)
            {
                all.Add("outcome = 'ok'");
            }
            else if (filter.IsOk == false || (isOutcome && filter.Outcome != "ok") || (isStatus && filter.Status >= FirstFailure))
            {
                all.Add(Failed);
                paths.Add(Failed);
            }
        }
    }
}
