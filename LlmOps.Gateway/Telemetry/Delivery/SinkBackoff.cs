namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>How long a sink that fails is left alone: longer with each failure in a row, with jitter, and at least as long as it asks for.</summary>
internal sealed class SinkBackoff(DeliveryOptions options, TimeProvider time)
{
    private int _failures;
    private TimeSpan _wait;
    private long _failedAt;

    /// <summary>How long it is to be left alone from now on; null where it may be called.</summary>
    public TimeSpan? Wait => _failures == 0 ? null : _wait - time.GetElapsedTime(_failedAt);

    /// <summary>It has failed once more.</summary>
    /// <param name="asked">How long it asks to be left alone; null where it does not say.</param>
    public void Failed(TimeSpan? asked)
    {
        var most = Math.Min(options.Backoff.TotalSeconds * Math.Pow(2, Math.Min(_failures, 30)), options.MaxBackoff.TotalSeconds);
        var own = TimeSpan.FromSeconds(most * (0.5 + Random.Shared.NextDouble() / 2));
        _failures++;
        _failedAt = time.GetTimestamp();
        _wait = asked > own ? asked.Value < options.MaxBackoff ? asked.Value : options.MaxBackoff : own;
    }

    /// <summary>It has taken something.</summary>
    public void Succeeded() => _failures = 0;
}
