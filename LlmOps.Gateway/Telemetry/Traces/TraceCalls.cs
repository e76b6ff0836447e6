using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>What a request's calls to providers explain of it.</summary>
internal static class TraceCalls
{
    /// <summary>A sentence for each call that did not answer.</summary>
    public static IEnumerable<string> Explain(RequestTrace trace)
    {
        var calls = trace.Spans.Select(span => span.Call).OfType<LedgerAttempt>().ToList();
        for (var index = 0; index < calls.Count; index++)
        {
            var call = calls[index];
            var took = TraceExplanation.Milliseconds(call.DurationMs);
            if (call.Outcome == AttemptTelemetry.Lost)
            {
                yield return $"A call to {Target(call)} was given up after {took} ms, as another was quicker.";
            }
            else if (call.Outcome == AttemptTelemetry.Cancelled)
            {
                yield return $"The call to {Target(call)} was ended after {took} ms, as the caller had left or its time was over.";
            }
            else if (call.Outcome != AttemptTelemetry.Ok)
            {
                yield return $"Provider {call.Provider} failed with {call.Outcome} after {took} ms; {Then(call, calls.Skip(index + 1).FirstOrDefault(next => next.Operation == call.Operation))}.";
            }
        }

        if (calls.Count == 0 && trace.Request.Outcome == "no_target_available")
        {
            yield return "No provider was asked: each target had failed too often, or its keys rested.";
        }
    }

    private static string Then(LedgerAttempt failed, LedgerAttempt? next) => next switch
    {
        null => "there was no other attempt",
        _ when next.Provider == failed.Provider && next.Model == failed.Model => next.Outcome == AttemptTelemetry.Ok ? "another attempt answered" : "it was tried again",
        { Outcome: AttemptTelemetry.Ok } => $"the next target, {next.Provider}, answered",
        _ => $"the next target was {Target(next)}",
    };

    private static string Target(LedgerAttempt call) => $"{call.Provider}/{call.Model}";
}
