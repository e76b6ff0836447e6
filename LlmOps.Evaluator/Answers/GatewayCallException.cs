namespace LlmOps.Evaluator.Answers;

/// <summary>The gateway did not do what it was asked.</summary>
/// <param name="status">Its status; null where there was no answer.</param>
/// <param name="code">Its error code, such as MODEL_NOT_FOUND; null where it has none.</param>
/// <param name="message">Its message.</param>
/// <param name="retryAfter">How long it asks to wait; null where it does not say.</param>
internal sealed class GatewayCallException(int? status, string? code, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>Its status; null where there was no answer.</summary>
    public int? Status { get; } = status;

    /// <summary>Its error code, such as MODEL_NOT_FOUND; null where it has none.</summary>
    public string? Code { get; } = code;

    /// <summary>How long it asks to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
