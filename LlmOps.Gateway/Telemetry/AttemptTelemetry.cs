using System.Diagnostics;
using System.Diagnostics.Metrics;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// The span and the metrics of a call to a provider, whatever its outcome: OpenTelemetry's conventions for generative AI 1.41.1, of which the
/// gateway is the client; and our own under <c>llmops.</c>
/// </summary>
internal static class AttemptTelemetry
{
    /// <summary>The outcome of an attempt whose caller left.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The outcome of one that another was quicker than.</summary>
    public const string Lost = "lost";

    /// <summary>The outcome of one that answered.</summary>
    public const string Ok = "ok";

    // The bounds are the conventions' own.
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<long> Tokens = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(TelemetryNames.OperationDuration, "s", "GenAI operation duration.", null, Seconds);
    private static readonly Histogram<long> Usage = Meter.CreateHistogram(TelemetryNames.TokenUsage, "{token}", "Number of input and output tokens used.", null, Tokens);
    private static readonly Histogram<double> FirstChunks = Meter.CreateHistogram(TelemetryNames.TimeToFirstChunk, "s", "Time to receive the first chunk, measured from when the client issues the generation request to when the first chunk is received in the response stream.", null, Seconds);
    private static readonly Histogram<double> OutputChunks = Meter.CreateHistogram(TelemetryNames.TimePerOutputChunk, "s", "Time per output chunk, recorded for each chunk received after the first one, measured as the time elapsed from the end of the previous chunk to the end of the current chunk.", null, Seconds);
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(TelemetryNames.ProviderAttempts, "{attempt}", "Calls to providers by their outcome: ok, cancelled (the caller left), lost (a hedge was quicker, or was not), or the code of the failure.");
    private static readonly Counter<double> Costs = Meter.CreateCounter<double>(TelemetryNames.CostMetric, "{usd}", "What calls to providers cost, as far as prices are known.");

    /// <summary>Whether anybody wants to know how long each chunk of a stream took.</summary>
    public static bool TimesChunks => OutputChunks.Enabled;

    /// <summary>Begins the span; null where nobody wants it.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="call">What is asked.</param>
    /// <param name="parent">The span that it lies in.</param>
    public static Activity? Begin(Attempt attempt, IRoutedCall call, ActivityContext parent)
    {
        if (call.Request.Spans?.Begin($"{call.Operation} {attempt.Target.Model}", ActivityKind.Client, attempt, parent) is not { } span)
        {
            return null;
        }

        span.SetTag(TelemetryNames.OperationName, call.Operation)
            .SetTag(TelemetryNames.ProviderName, ProviderName(attempt.Target.Provider))
            .SetTag(TelemetryNames.RequestModel, attempt.Target.Model)
            .SetTag(TelemetryNames.Attempt, call.Request.Attempts);
        if (attempt.Target.Address is { } address)
        {
            span.SetTag(TelemetryNames.ServerAddress, address.IdnHost).SetTag(TelemetryNames.ServerPort, address.Port);
        }

        if (attempt.Streaming)
        {
            span.SetTag(TelemetryNames.RequestStream, true);
        }

        if (call.Request.Session is { } session)
        {
            span.SetTag(TelemetryNames.ConversationId, session);
        }

        if (call is GatewayChatOptions options)
        {
            RequestParameters.Of(options).AddTo(span);
        }

        return span;
    }

    /// <summary>A chunk of a stream is there, after the first.</summary>
    public static void Chunk(Attempt attempt, TimeSpan sinceLast) => OutputChunks.Record(sinceLast.TotalSeconds, MetricTags(attempt, withError: false));

    /// <summary>Ends the span, and counts.</summary>
    public static void End(Activity? span, Attempt attempt)
    {
        if (Attempts.Enabled)
        {
            Attempts.Add(1, new(TelemetryNames.ProviderName, ProviderName(attempt.Target.Provider)), new(TelemetryNames.RequestModel, attempt.Target.Model), new("outcome", attempt.Outcome));
        }

        if (Durations.Enabled)
        {
            Measure(attempt);
        }

        if (span is not null)
        {
            Describe(span, attempt);
            span.Dispose();
        }
    }

    private static void Measure(Attempt attempt)
    {
        Durations.Record(attempt.Duration.TotalSeconds, MetricTags(attempt, withError: true));
        if (attempt.FirstChunkAfter is { } first && attempt.Streaming)
        {
            FirstChunks.Record(first.TotalSeconds, MetricTags(attempt, withError: false));
        }

        // Estimates are no counts of tokens: what the provider does not tell is not reported.
        if (attempt.HasFinalUsage)
        {
            Count(attempt, attempt.Usage?.InputTokenCount, "input");
            Count(attempt, attempt.Usage?.OutputTokenCount, "output");
        }

        if (attempt.Cost is { Value: > 0 } cost)
        {
            Costs.Add((double)cost.Dollars, new(TelemetryNames.ProviderName, ProviderName(attempt.Target.Provider)), new(TelemetryNames.RequestModel, attempt.Target.Model));
        }
    }

    private static void Count(Attempt attempt, long? tokens, string type)
    {
        if (tokens is { } count)
        {
            var tags = MetricTags(attempt, withError: false);
            tags.Add(TelemetryNames.TokenType, type);
            Usage.Record(count, tags);
        }
    }

    private static TagList MetricTags(Attempt attempt, bool withError)
    {
        var target = attempt.Target;
        var tags = new TagList
        {
            { TelemetryNames.OperationName, attempt.Operation },
            { TelemetryNames.ProviderName, ProviderName(target.Provider) },
            { TelemetryNames.RequestModel, target.Model },
        };
        if (attempt.ResponseModel is { } answered)
        {
            tags.Add(TelemetryNames.ResponseModel, answered);
        }

        if (target.Address is { } address)
        {
            tags.Add(TelemetryNames.ServerAddress, address.IdnHost);
            tags.Add(TelemetryNames.ServerPort, address.Port);
        }

        if (withError && IsFailure(attempt))
        {
            tags.Add(TelemetryNames.ErrorType, attempt.Outcome);
        }

        return tags;
    }

    private static void Describe(Activity span, Attempt attempt)
    {
        span.SetTag(TelemetryNames.Outcome, attempt.Outcome)
            .SetTag(TelemetryNames.ResponseId, attempt.ResponseId)
            .SetTag(TelemetryNames.ResponseModel, attempt.ResponseModel)
            .SetTag(TelemetryNames.UpstreamRequestId, attempt.ProviderRequestId);
        if (attempt.FinishReason is { } reason)
        {
            span.SetTag(TelemetryNames.ResponseFinishReasons, new[] { reason.Value });
        }

        if (attempt is { Streaming: true, FirstChunkAfter: { } first })
        {
            span.SetTag(TelemetryNames.ResponseTimeToFirstChunk, first.TotalSeconds);
        }

        var taken = attempt.Taken;
        span.SetTag(TelemetryNames.InputTokens, taken.InputTokens)
            .SetTag(TelemetryNames.OutputTokens, taken.OutputTokens)
            .SetTag(TelemetryNames.CacheReadTokens, attempt.Usage?.CachedInputTokenCount)
            .SetTag(TelemetryNames.CacheCreationTokens, attempt.Usage?.Get(UsageCounts.CacheWriteTokens))
            .SetTag(TelemetryNames.ReasoningTokens, attempt.Usage?.ReasoningTokenCount)
            .SetTag(TelemetryNames.Cost, taken.Cost is { } cost ? (double)cost.Dollars : null);
        if (taken.IsEstimated)
        {
            span.SetTag(TelemetryNames.CostEstimated, true);
        }

        attempt.Said?.AddTo(span);
        if (IsFailure(attempt))
        {
            span.SetTag(TelemetryNames.ErrorType, attempt.Outcome).SetStatus(ActivityStatusCode.Error);
        }
    }

    private static bool IsFailure(Attempt attempt) => attempt.Outcome is not (Ok or Lost);

    // The conventions have names for some providers; others stand as they are configured.
    private static string ProviderName(string provider) => provider switch
    {
        "gemini" => "gcp.gemini",
        _ => provider,
    };
}
