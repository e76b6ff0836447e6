using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Anthropic's Messages API.</summary>
/// <param name="name">The provider's name in the configuration.</param>
/// <param name="baseUrl">Root of its API, with a slash at its end.</param>
/// <param name="keys">What it is called with.</param>
/// <param name="time">Dates answers, which have no date of their own.</param>
internal sealed class AnthropicProtocol(string name, Uri baseUrl, ProviderKeys keys, TimeProvider time) : IChatProtocol
{
    private readonly Uri _endpoint = new(baseUrl, "messages");

    public ProviderErrors Errors { get; } = new AnthropicErrors(name, keys, time);

    public string StreamMediaType => MediaTypes.EventStream;

    public HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions gatewayOptions, bool stream) =>
        ProviderRequest.Post(_endpoint, AnthropicRequestWriter.Write(messages, gatewayOptions, stream))
            .With("x-api-key", gatewayOptions.Attempt?.Key.Value?.Reveal())
            .With("anthropic-version", "2023-06-01");

    public ChatResponse Read(ReadOnlyMemory<byte> json, GatewayChatOptions gatewayOptions)
    {
        using var document = Errors.Parse(json);
        var reader = new AnthropicReader(Errors, time.GetUtcNow());
        return ProviderAnswer.Of(reader.ReadMessage(document.RootElement), reader.End());
    }

    public IChatStreamReader ReadStream(GatewayChatOptions gatewayOptions) => new AnthropicReader(Errors, time.GetUtcNow());
}
