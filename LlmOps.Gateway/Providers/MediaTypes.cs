namespace LlmOps.Gateway.Providers;

/// <summary>Media types of what providers send and get.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";

    /// <summary>Server-sent events.</summary>
    public const string EventStream = "text/event-stream";

    /// <summary>A JSON value per line.</summary>
    public const string NdJson = "application/x-ndjson";
}
