namespace LlmOps.Gateway.Errors;

/// <summary>
/// A stream that has told its error in-band. It is thrown up to the server, which then closes the connection without
/// the regular end of the body: so that clients that pass over error events see the break as well.
/// </summary>
internal sealed class BrokenStreamException(GatewayException cause) : Exception(cause.Message, cause)
{
    /// <summary>What broke the stream.</summary>
    public GatewayException Cause { get; } = cause;
}
