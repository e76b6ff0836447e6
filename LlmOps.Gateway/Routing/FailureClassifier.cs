using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Routing;

/// <summary>What is done about a failed attempt.</summary>
internal enum FailureAction
{
    /// <summary>The request is at fault: nobody else would take it.</summary>
    ToCaller,

    /// <summary>The target is tried again, after a wait.</summary>
    RetryHere,

    /// <summary>The key is over its rate: it rests for as long as the provider asks, another key or target is taken.</summary>
    RestKey,

    /// <summary>The key may not have this model, or no quota of it is left: it leaves this target alone for a while, another key or target is taken.</summary>
    KeyNotHere,

    /// <summary>The key is not accepted at all: it is set aside for all of the provider's models, another key or target is taken.</summary>
    SetKeyAside,

    /// <summary>The next target is taken.</summary>
    NextTarget,

    /// <summary>The next target whose context window is larger is taken.</summary>
    LargerWindow,
}

/// <summary>What a failed attempt means.</summary>
/// <param name="Action">What is done about it.</param>
/// <param name="BlamesTarget">Whether the target's circuit breaker counts it.</param>
internal readonly record struct FailureVerdict(FailureAction Action, bool BlamesTarget);

/// <summary>The one place that says what each failure leads to.</summary>
internal static class FailureClassifier
{
    private static readonly FailureVerdict TheCallers = new(FailureAction.ToCaller, false);
    private static readonly FailureVerdict Passing = new(FailureAction.RetryHere, true);
    private static readonly FailureVerdict Lasting = new(FailureAction.NextTarget, true);
    private static readonly FailureVerdict NotThere = new(FailureAction.NextTarget, false);
    private static readonly FailureVerdict OverItsRate = new(FailureAction.RestKey, false);
    private static readonly FailureVerdict KeyNotHere = new(FailureAction.KeyNotHere, false);
    private static readonly FailureVerdict KeyRefused = new(FailureAction.SetKeyAside, false);

    private static readonly Dictionary<ErrorCode, FailureVerdict> Verdicts = new()
    {
        [ErrorCode.ContextLengthExceeded] = new(FailureAction.LargerWindow, false),
        [ErrorCode.ContentFilter] = TheCallers,
        [ErrorCode.UnsupportedParameter] = NotThere,
        [ErrorCode.ModelNotFound] = NotThere,
        [ErrorCode.RequestTooLarge] = NotThere,
        [ErrorCode.RateLimitExceeded] = OverItsRate,

        // Not for all models, though some accounts are as empty for others: a caller who asks for a model that the key may
        // not have, or for more tokens than the credit pays, must not take it from everyone.
        [ErrorCode.InsufficientQuota] = KeyNotHere,
        [ErrorCode.ProviderAuthentication] = KeyRefused,

        // What answered is not the provider, or no longer what it was: asking it again would hardly help.
        [ErrorCode.ProviderBadResponse] = Lasting,

        // It had its time already.
        [ErrorCode.ProviderTimeout] = Lasting,
        [ErrorCode.ProviderStreamInterrupted] = Passing,
        [ErrorCode.ProviderUnreachable] = Passing,
        [ErrorCode.ProviderOverloaded] = Passing,
    };

    /// <summary>What a failure leads to.</summary>
    public static FailureVerdict Classify(Exception failure) => failure switch
    {
        // A conflict with itself, or too early: the same request may be fine a moment later.
        ProviderException { UpstreamStatus: 409 or 425 } => new(FailureAction.RetryHere, false),

        // Said by the provider, or by what stands before it, and not by a limit of ours that has run out.
        ProviderException { UpstreamStatus: not null, Error: var error } when error == ErrorCode.ProviderTimeout => Passing,
        ProviderException { UpstreamStatus: 403, Error: var error } when error == ErrorCode.ProviderAuthentication => KeyNotHere,
        ProviderException { Error: var error } provider when error == ErrorCode.ProviderError => provider.UpstreamStatus is null or 200 or >= 500 ? Passing : Lasting,
        GatewayException known when Verdicts.TryGetValue(known.Error, out var verdict) => verdict,
        _ => TheCallers,
    };
}
