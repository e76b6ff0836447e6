using System.Diagnostics;
using System.Diagnostics.Metrics;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Telemetry;

/// <summary>A span and a count per call to a provider, whatever its outcome. The names are OpenTelemetry's gen_ai conventions 1.41.1, and our own under llmops.</summary>
internal static class AttemptTelemetry
{
    /// <summary>Name of the source and of the meter.</summary>
    public const string Name = "LlmOps.Gateway";

    /// <summary>The operation of an attempt that asks for a chat's answer.</summary>
    public const string Chat = "chat";

    /// <summary>The operation of an attempt that asks for embeddings.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>The outcome of an attempt whose caller left.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The outcome of one that another was quicker than.</summary>
    public const string Lost = "lost";

    /// <summary>The outcome of one that answered.</summary>
    public const string Ok = "ok";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("llmops.provider.attempts", "{attempt}", "Calls to providers by their outcome: ok, cancelled (the caller left), lost (a hedge was quicker, or was not), or the code of the failure.");

    /// <summary>Begins the span; null where nobody listens.</summary>
    public static Activity? Begin(string operation, Target target, int number, ActivityContext parent)
    {
        if (!Source.HasListeners() || Source.StartActivity($"{operation} {target.Model}", ActivityKind.Client, parent) is not { } span)
        {
            return null;
        }

        return span
            .SetTag("gen_ai.operation.name", operation)
            .SetTag("gen_ai.provider.name", ProviderName(target.Provider))
            .SetTag("gen_ai.request.model", target.Model)
            .SetTag("llmops.attempt", number);
    }

    /// <summary>Ends the span, and counts.</summary>
    public static void End(Activity? span, Attempt attempt)
    {
        var target = attempt.Target;
        if (Attempts.Enabled)
        {
            Attempts.Add(1, new("gen_ai.provider.name", ProviderName(target.Provider)), new("gen_ai.request.model", target.Model), new("outcome", attempt.Outcome));
        }

        if (span is null)
        {
            return;
        }

        span.SetTag("llmops.outcome", attempt.Outcome);
        if (attempt.Outcome is not (Ok or Lost))
        {
            span.SetTag("error.type", attempt.Outcome).SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }

    // The conventions have names for some providers; others stand as they are configured.
    private static string ProviderName(string provider) => provider switch
    {
        "gemini" => "gcp.gemini",
        _ => provider,
    };
}
