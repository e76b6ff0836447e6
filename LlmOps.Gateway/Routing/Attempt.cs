using System.Diagnostics;
using System.Threading.RateLimiting;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// One call to a provider: where it goes, with which key, within which limits, and what came of it. Whatever its end, it is
/// disposed, and the target's circuit breaker and counters have heard of it.
/// </summary>
internal sealed class Attempt : IDisposable
{
    private static readonly TimeSpan FailureCountsAs = TimeSpan.FromSeconds(1);

    private readonly IRoutedCall _call;
    private readonly GatewayRequest _request;
    private readonly BreakerPass _pass;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private Activity? _span;
    // Others that wait for the same stream read it while it is written: one reference.
    private AttemptCost? _cost;
    private bool _usageAtEnd;
    private long _endedAt;
    private long _chunkAt;
    private bool _slow;
    private bool _settled;

    /// <summary>Begins it.</summary>
    /// <param name="target">Where it goes.</param>
    /// <param name="key">What it is called with.</param>
    /// <param name="pass">The leave of the target's circuit breaker.</param>
    /// <param name="call">What is asked, and for which request; that one's count goes up by one.</param>
    /// <param name="left">What is left of the request's time.</param>
    /// <param name="streaming">Whether the answer is a stream.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Cancelled when the caller leaves.</param>
    public Attempt(Target target, ProviderKey key, BreakerPass pass, IRoutedCall call, TimeSpan left, bool streaming, TimeProvider time, CancellationToken caller)
    {
        Target = target;
        Key = key;
        _pass = pass;
        (_call, _request) = (call, call.Request);
        _time = time;
        _startedAt = time.GetTimestamp();
        Streaming = streaming;
        Limits = new AttemptLimits(Options, left, streaming, time, caller, _request.Stopping);
        _request.Add(this);
        Said = _request.Content?.Answer.Another();
        target.State.Begin();
    }

    /// <summary>Where it goes.</summary>
    public Target Target { get; }

    /// <summary>What it is called with.</summary>
    public ProviderKey Key { get; }

    /// <summary>What is asked: chat or embeddings.</summary>
    public string Operation => _call.Operation;

    /// <summary>Which call to its target it is for this request, from 1.</summary>
    public int Try { get; init; } = 1;

    /// <summary>Its place among the calls that the target takes at a time; null where there is no limit.</summary>
    public RateLimitLease? Slot { get; init; }

    /// <summary>Its clock, which the provider's client tells of its progress.</summary>
    public AttemptLimits Limits { get; }

    /// <summary>The model that answered, as the provider's answer names it; null when it did not say.</summary>
    public string? ResponseModel { get; private set; }

    /// <summary>The answer's own id (chatcmpl-…); null when it has none.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>The provider's own id for its answer (x-request-id), which its support asks for; null when it gave none.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Tokens as the provider counted them; null when it did not say.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>Whether these are the counts of the whole answer: those that come on the way of a stream are not.</summary>
    public bool HasFinalUsage => Usage is not null && (Outcome == AttemptTelemetry.Ok || _usageAtEnd);

    /// <summary>The service tier that the provider says has answered; null for the standard one.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>What it took so far, or in the end.</summary>
    public AttemptCost Taken => _cost ?? (IsOver ? _cost = AttemptCost.Of(this, _request) : AttemptCost.Of(this, _request));

    /// <summary>What it cost so far, or in the end; null where the model has no price.</summary>
    public NanoUsd? Cost => Taken.Cost;

    /// <summary>Whether its tokens are estimated, and with them the cost.</summary>
    public bool IsEstimated => Taken.IsEstimated;

    /// <summary>The most that it can cost; 0 where the model has no price.</summary>
    public NanoUsd Bound => Target.Pricing.Bound(_request) ?? new NanoUsd(0);

    /// <summary>Bytes of text that it has written, as far as they were seen.</summary>
    public long OutputBytes { get; private set; }

    /// <summary>Whether the answer is a stream.</summary>
    public bool Streaming { get; }

    /// <summary>Whether the first content of a stream was there, or the whole of another answer.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>Whether the provider refused it with a status.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Whether it is over, however it ended.</summary>
    public bool IsOver => Volatile.Read(ref _endedAt) != 0;

    /// <summary>How long it took; until now, while it is not over.</summary>
    public TimeSpan Duration => IsOver ? _time.GetElapsedTime(_startedAt, _endedAt) : _time.GetElapsedTime(_startedAt);

    /// <summary>From its beginning to the first content of a stream, or to the whole of another answer; null where there was none.</summary>
    public TimeSpan? FirstChunkAfter { get; private set; }

    /// <summary>What the model said, where that is captured; null where not.</summary>
    public AnswerCapture? Said { get; }

    /// <summary>Why the model stopped; null when it did not get so far.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>How it ended: ok, cancelled, or the code of its failure.</summary>
    public string Outcome { get; private set; } = AttemptTelemetry.Cancelled;

    private RoutingOptions Options => _request.Configuration.Options.Routing;

    /// <summary>The span of the request that it is for.</summary>
    public ActivityContext Parent { get; init; }

    /// <summary>Begins its span: in the method that makes the call, or what is called would not lie in it.</summary>
    public void BeginSpan() => _span = AttemptTelemetry.Begin(this, _call, Parent);

    /// <summary>The whole answer is there.</summary>
    public void Succeeded(ChatResponse response)
    {
        (ResponseId, ResponseModel) = (response.ResponseId, response.ModelId);
        FinishReason = response.FinishReason;
        Note(response.Usage, response.AdditionalProperties);
        foreach (var message in response.Messages)
        {
            Said?.Add(message.Contents);
        }

        if (response.Usage is not { OutputTokenCount: not null })
        {
            foreach (var message in response.Messages)
            {
                OutputBytes += EstimatedTokens.BytesOf(message.Contents, ofStream: false);
            }
        }

        HasContent();
        Succeeded();
    }

    /// <summary>All vectors are there.</summary>
    public void Succeeded(GeneratedEmbeddings<Embedding<float>> answer)
    {
        ResponseModel = answer.FirstOrDefault()?.ModelId;
        Note(answer.Usage, answer.AdditionalProperties);
        HasContent();
        Succeeded();
    }

    /// <summary>Notes what a piece of a stream says of it.</summary>
    public void Note(ChatResponseUpdate update)
    {
        ResponseId ??= update.ResponseId;
        ResponseModel ??= update.ModelId;
        Said?.Add(update.Contents);
        TimeChunk();
        FinishReason = update.FinishReason ?? FinishReason;
        OutputBytes += EstimatedTokens.BytesOf(update.Contents, ofStream: true);
        foreach (var content in update.Contents)
        {
            if (content is UsageContent usage)
            {
                // Counts in a stream are cumulative: the last one is the answer's.
                Note(usage.Details, update.AdditionalProperties);
                _usageAtEnd = FinishReason is not null;
            }
        }
    }

    /// <summary>The first content of a stream is there, or the whole of another answer.</summary>
    public void HasContent()
    {
        _slow = Took() > Options.Breaker.SlowCallDuration;
        WasAnswered = true;
        FirstChunkAfter = _time.GetElapsedTime(_startedAt);
        if (_pass.IsProbe)
        {
            // A stream may take minutes more, and others wait for this.
            Target.State.HasContent(_pass, _slow, Options.Breaker);
        }
    }

    /// <summary>The answer is complete.</summary>
    public void Succeeded()
    {
        _settled = true;
        Outcome = AttemptTelemetry.Ok;
        End();
        Target.State.Succeeded(_pass, _slow, Options.Breaker);
    }

    /// <summary>It failed.</summary>
    /// <returns>What that means for the request.</returns>
    public FailureVerdict Failed(Exception exception)
    {
        // What it costs depends on how it ended: whoever sees that it is over must see that too.
        IsRefused = exception is ProviderException { UpstreamStatus: >= 400 };
        var verdict = FailureClassifier.Classify(exception);
        Outcome = ErrorResponse.Classify(exception).Error.Code;
        End();
        if (exception is ProviderException failure && !_settled)
        {
            _settled = true;
            Target.State.Failed(_pass, failure, verdict, Options.Breaker, WasAnswered);
            if (verdict.BlamesTarget && !WasAnswered)
            {
                // To fail fast is not to be fast.
                var took = _time.GetElapsedTime(_startedAt);
                Target.State.Latency.Add(took > FailureCountsAs ? took : FailureCountsAs);
            }
        }

        return verdict;
    }

    /// <summary>Another attempt answered first, and this one's call is over.</summary>
    /// <param name="winner">The other one.</param>
    public void LoseTo(Attempt winner)
    {
        if (_settled)
        {
            return;
        }

        Outcome = AttemptTelemetry.Lost;
        End();
        if (!WasAnswered && _startedAt < winner._startedAt)
        {
            // Its answer was late, and is only now known to take longer than this. A hedge that loses had less time.
            Took();
            _settled = true;
            Target.State.Succeeded(_pass, slow: true, Options.Breaker);
        }
    }

    /// <summary>What it is to the caller that a limit ended this attempt.</summary>
    public GatewayException TimedOut(Exception cause)
    {
        if (WasAnswered && !Limits.EndedBySilence)
        {
            // It was not silent: the answer was long, or its reader slow. That is no fault of the target's.
            _settled = true;
            Target.State.Succeeded(_pass, _slow, Options.Breaker);
        }
        else if (Limits.EndedWithRequest && _time.GetElapsedTime(_startedAt) > Options.Breaker.SlowCallDuration)
        {
            // A caller who gives little time must not make the breaker open for all; a provider that had its time may.
            _settled = true;
            Target.State.Succeeded(_pass, slow: true, Options.Breaker);
        }

        return Limits.EndedWithRequest
            ? new GatewayException(ErrorCode.DeadlineExceeded, $"There was no complete answer within the request's {_request.Timeout.TotalSeconds:0.###} s.", innerException: cause)
            : new ProviderException(ErrorCode.ProviderTimeout, Target.Provider, $"Provider '{Target.Provider}' was too slow: {Limits.Reason}.", innerException: cause);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        if (!_settled)
        {
            // The caller has left, or the gateway itself failed: that says nothing of the target.
            _settled = true;
            Target.State.Breaker.Abandon(_pass);
        }

        Target.State.End();
        Slot?.Dispose();
        Limits.Dispose();
        AttemptTelemetry.End(_span, this);
    }

    private void TimeChunk()
    {
        if (!AttemptTelemetry.TimesChunks)
        {
            return;
        }

        var now = _time.GetTimestamp();
        if (WasAnswered && _chunkAt != 0)
        {
            AttemptTelemetry.Chunk(this, _time.GetElapsedTime(_chunkAt, now));
        }

        _chunkAt = now;
    }

    private void End()
    {
        if (_endedAt == 0)
        {
            // Of a clock that begins at 0 the first moment too.
            Volatile.Write(ref _endedAt, Math.Max(1, _time.GetTimestamp()));
        }
    }

    private TimeSpan Took()
    {
        var took = _time.GetElapsedTime(_startedAt);
        Target.State.Latency.Add(took);
        if (_request.Route?.Hedging is { Mode: HedgingMode.P95 })
        {
            (Streaming ? Target.State.Streams : Target.State.Answers).Add(took);
        }

        return took;
    }

    private void Note(UsageDetails? usage, AdditionalPropertiesDictionary? answer)
    {
        Usage = usage;
        ServiceTier = answer?.GetValueOrDefault(MessageProperties.ServiceTier) as string;
    }
}
