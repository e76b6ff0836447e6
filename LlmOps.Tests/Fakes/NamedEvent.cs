namespace LlmOps.Tests.Fakes;

/// <summary>A server-sent event with a name, as Anthropic's streams have them.</summary>
internal sealed record NamedEvent(string Event, string Data)
{
    /// <summary>The event as it stands in a stream.</summary>
    public string Text => $"event: {Event}\ndata: {Data}\n\n";
}
