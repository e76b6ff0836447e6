using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What guardrails have found since the start of this process. Thread-safe.</summary>
internal sealed class GuardrailStatistics
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> RefusedRequests = Meter.CreateCounter<long>(TelemetryNames.GuardrailRefused, "{request}", "Requests that a guardrail has refused, by its rule.");

    private readonly ConcurrentDictionary<(string Rule, GuardrailOutcome Outcome), long> _counts = new();

    /// <summary>How often each rule had which outcome.</summary>
    public IReadOnlyDictionary<(string Rule, GuardrailOutcome Outcome), long> Counts => _counts;

    /// <summary>A rule has found something in a request or its answer.</summary>
    public void Found(GatewayRequest request, string rule, GuardrailOutcome outcome)
    {
        if (!request.Note(rule) && outcome is GuardrailOutcome.Monitored or GuardrailOutcome.Masked)
        {
            // Counted are requests, however often it is found in one.
            return;
        }

        _counts.AddOrUpdate((rule, outcome), 1, static (_, count) => count + 1);
        if (outcome == GuardrailOutcome.Refused)
        {
            RefusedRequests.Add(1, new KeyValuePair<string, object?>("rule", rule));
        }
    }

    /// <summary>The same, where a mode says what becomes of it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="what">What it found, without the text itself: it is logged.</param>
    /// <param name="fault">What its caller alone is told beside, outside /v1; null for nothing.</param>
    /// <exception cref="GatewayException">It is enforced.</exception>
    public void Decide(GatewayRequest request, string rule, GuardrailMode mode, string what, string? fault = null)
    {
        Found(request, rule, mode == GuardrailMode.Enforce ? GuardrailOutcome.Refused : GuardrailOutcome.Monitored);
        if (mode == GuardrailMode.Enforce)
        {
            throw new GatewayException(ErrorCode.ContentPolicy, $"Refused by the guardrail {rule}: {what}") 
            {
                Details = fault is null ? new Dictionary<string, string> { ["rule"] = rule } : new() { ["rule"] = rule, ["fault"] = fault },
            };
        }
    }
}

/// <summary>What became of a finding.</summary>
internal enum GuardrailOutcome
{
    /// <summary>It was counted, no more.</summary>
    Monitored,

    /// <summary>The request was refused.</summary>
    Refused,

    /// <summary>A placeholder stands for it.</summary>
    Masked,

    /// <summary>Another answer was asked for, which is right.</summary>
    Repaired,

    /// <summary>A tool was not called with it, or the model was not told it.</summary>
    Withheld,
}
