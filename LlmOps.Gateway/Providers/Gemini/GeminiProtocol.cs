using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Google's Gemini API, v1beta: generateContent and streamGenerateContent.</summary>
/// <param name="name">The provider's name in the configuration.</param>
/// <param name="baseUrl">Root of its API, with a slash at its end.</param>
/// <param name="keys">What it is called with.</param>
/// <param name="time">Dates answers, which have no date of their own.</param>
internal sealed class GeminiProtocol(string name, Uri baseUrl, ProviderKeys keys, TimeProvider time) : IChatProtocol
{
    public ProviderErrors Errors { get; } = new GeminiErrors(name, keys, time);

    public string StreamMediaType => MediaTypes.EventStream;

    // Without alt=sse the stream would be one JSON array. The key goes into a header: addresses are logged on the way.
    public HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions gatewayOptions, bool stream) =>
        ProviderRequest.Post(
                new Uri(baseUrl, $"{Path(gatewayOptions.ModelId!)}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}"),
                GeminiRequestWriter.Write(messages, gatewayOptions))
            .With("x-goog-api-key", gatewayOptions.Attempt?.Key.Value?.Reveal());

    public ChatResponse Read(ReadOnlyMemory<byte> json, GatewayChatOptions gatewayOptions)
    {
        using var document = Errors.Parse(json);
        var reader = new GeminiReader(Errors, gatewayOptions, time.GetUtcNow());
        var answer = reader.Read(document.RootElement);
        return reader.HasCandidate ? ProviderAnswer.Of(answer, reader.End()) : throw Errors.Malformed("an answer without candidates");
    }

    public IChatStreamReader ReadStream(GatewayChatOptions gatewayOptions) => new GeminiReader(Errors, gatewayOptions, time.GetUtcNow());

    /// <summary>The path of a model; tuned ones have a collection of their own.</summary>
    public static string Path(string model) =>
        model.Split('/', 2) is ["models" or "tunedModels", var name]
            ? $"{model.Split('/')[0]}/{Uri.EscapeDataString(name)}"
            : $"models/{Uri.EscapeDataString(model)}";
}
