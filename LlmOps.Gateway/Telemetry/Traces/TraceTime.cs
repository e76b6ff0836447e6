using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>Where a request's time went.</summary>
internal static class TraceTime
{
    // Nobody asks why of less.
    private const double LeastMs = 100;

    /// <summary>What took the longest, where something took most of the time, or much of it.</summary>
    public static IEnumerable<string> Explain(RequestTrace trace)
    {
        var all = trace.Request.DurationMs;
        // What has parts of its own is told by those.
        var parents = trace.Spans.Skip(1).Select(span => span.Parent).ToHashSet();
        var calls = trace.Spans.Where(span => span.Call is not null).OrderBy(span => span.StartedAt).ToList();
        var parts = trace.Spans.Skip(1).Where(span => !parents.Contains(span.Id)).SelectMany(span => Parts(span, calls)).ToList();
        if (BetweenAttempts(calls) is > 0 and var waited)
        {
            parts.Add(("waiting between attempts", waited));
        }

        if (all < LeastMs || parts.Count == 0)
        {
            yield break;
        }

        var (name, longest) = parts.MaxBy(part => part.Ms);
        if (longest > all / 2)
        {
            yield return $"Most of its time, {Shown(longest)} of {Shown(all)} ms, was spent {name}.";
        }
        else if (longest > all / 4)
        {
            yield return $"The longest part of its time, {Shown(longest)} of {Shown(all)} ms, was spent {name}.";
        }
        else
        {
            yield return $"Of its {Shown(all)} ms, {Shown(parts.Sum(part => part.Ms))} were spent in its spans, none of which took a quarter of it.";
        }
    }

    private static IEnumerable<(string Name, double Ms)> Parts(TraceSpan span, List<TraceSpan> calls)
    {
        if (span.Call is not { } call)
        {
            // What passes while a call is on its way is the call's: a stream's guardrails last as long as it does.
            yield return ($"in {span.Name}", Math.Max(0, span.DurationMs - calls.Sum(other => Shared(span, other))));
            yield break;
        }

        var target = $"{call.Provider}/{call.Model}";
        if (span.FirstChunkAt is { } first)
        {
            var waited = Math.Clamp((first - span.StartedAt).TotalMilliseconds, 0, span.DurationMs);
            yield return ($"waiting for {target}'s first chunk", waited);
            yield return ($"receiving the rest of {target}'s answer", span.DurationMs - waited);
        }
        else
        {
            yield return ($"waiting for {target}", span.DurationMs);
        }
    }

    private static double Shared(TraceSpan span, TraceSpan call)
    {
        var (start, end) = (Math.Max(Milliseconds(span.StartedAt), Milliseconds(call.StartedAt)), Math.Min(EndOf(span), EndOf(call)));
        return Math.Max(0, end - start);
    }

    // From a failed call to the next one of its kind.
    private static double BetweenAttempts(List<TraceSpan> calls) => calls
        .Zip(calls.Skip(1))
        .Where(pair => pair.First.Call!.Outcome != AttemptTelemetry.Ok && pair.First.Call.Operation == pair.Second.Call!.Operation)
        .Sum(pair => Math.Max(0, Milliseconds(pair.Second.StartedAt) - EndOf(pair.First)));

    private static double Milliseconds(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private static double EndOf(TraceSpan span) => Milliseconds(span.StartedAt) + span.DurationMs;

    private static string Shown(double milliseconds) => TraceExplanation.Milliseconds(milliseconds);
}
