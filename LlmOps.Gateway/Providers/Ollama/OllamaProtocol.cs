using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Ollama's own API: POST /api/chat.</summary>
/// <param name="name">The provider's name in the configuration.</param>
/// <param name="baseUrl">Address of the server, with a slash at its end.</param>
/// <param name="options">Its settings.</param>
/// <param name="keys">What it is called with.</param>
/// <param name="time">Tells how far off a date in Retry-After is.</param>
internal sealed class OllamaProtocol(string name, Uri baseUrl, ProviderOptions options, ProviderKeys keys, TimeProvider time) : IChatProtocol
{
    private readonly Uri _endpoint = new(baseUrl, "api/chat");

    public ProviderErrors Errors { get; } = new OllamaErrors(name, keys, time);

    public string StreamMediaType => MediaTypes.NdJson;

    public HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions gatewayOptions, bool stream) =>
        ProviderRequest.Post(_endpoint, OllamaRequestWriter.Write(messages, gatewayOptions, options, stream))
            .With("Authorization", gatewayOptions.Attempt?.Key.Bearer?.Reveal());

    public ChatResponse Read(ReadOnlyMemory<byte> json, GatewayChatOptions gatewayOptions)
    {
        using var document = Errors.Parse(json);
        var reader = new OllamaReader(Errors);
        var answer = reader.Read(document.RootElement);
        return WireJson.Member(document.RootElement, "message") is null ? throw Errors.Malformed("an answer without a message") : ProviderAnswer.Of(answer, reader.End());
    }

    public IChatStreamReader ReadStream(GatewayChatOptions gatewayOptions) => new OllamaReader(Errors);
}
