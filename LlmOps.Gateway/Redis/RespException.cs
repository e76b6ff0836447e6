namespace LlmOps.Gateway.Redis;

/// <summary>What came is not RESP, or more than is accepted; the connection cannot be used any further.</summary>
internal sealed class RespException(string message) : IOException(message);
