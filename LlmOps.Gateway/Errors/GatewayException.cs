namespace LlmOps.Gateway.Errors;

/// <summary>A request fails in one of the documented ways. Its message is written for the caller.</summary>
internal class GatewayException(ErrorCode error, string message, string? field = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Which of the documented failures this is.</summary>
    public ErrorCode Error { get; } = error;

    /// <summary>The offending field as a path in the caller's body, such as <c>messages[0].role</c>; null when none is.</summary>
    public string? Field { get; } = field;

    /// <summary>What else an error outside /v1 says of it (<c>details</c>), such as the expected form; null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }

    /// <summary>How long to stay away, as the provider asked or the gateway knows; null where nobody said.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
