namespace LlmOps.Gateway.Providers;

/// <summary>One event of a provider's stream: a server-sent event, or a line of NDJSON. The data are its own copy and may be kept.</summary>
/// <param name="Type">The name of a server-sent event; null where it has none.</param>
/// <param name="Data">Its data.</param>
/// <param name="Unfinished">Whether the stream ended before the event's own end.</param>
internal readonly record struct StreamEvent(string? Type, ReadOnlyMemory<byte> Data, bool Unfinished = false);
