namespace LlmOps.Gateway.Errors;

/// <summary>A provider failed or refused. What it said of itself travels along as far as it is safe to show.</summary>
internal sealed class ProviderException(
    ErrorCode error, string provider, string message, string? field = null, Exception? innerException = null)
    : GatewayException(error, message, field, innerException)
{
    /// <summary>The provider's name in the configuration.</summary>
    public string Provider { get; } = provider;

    /// <summary>HTTP status of the provider's answer; null when there was none.</summary>
    public int? UpstreamStatus { get; init; }

    /// <summary>The provider's own error code, as text even where it sends a number.</summary>
    public string? UpstreamCode { get; init; }

    /// <summary>The provider's own error type.</summary>
    public string? UpstreamType { get; init; }
}
