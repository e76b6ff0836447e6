using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// OpenAI's chat completions, and whatever is compatible with them. A request that arrived in this protocol is
/// forwarded as it came; one that did not is written from its typed form.
/// </summary>
/// <param name="name">The provider's name in the configuration.</param>
/// <param name="baseUrl">Root of its API, with a slash at its end.</param>
/// <param name="options">Its settings.</param>
/// <param name="keys">What it is called with.</param>
/// <param name="askForUsage">Whether its streams must be asked for usage.</param>
/// <param name="time">Tells how far off a date in Retry-After is.</param>
internal sealed class OpenAIProtocol(string name, Uri baseUrl, ProviderOptions options, ProviderKeys keys, bool askForUsage, TimeProvider time) : IChatProtocol
{
    private readonly Uri _endpoint = new(baseUrl, "chat/completions");
    private readonly string _maxTokensField = baseUrl.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens" : "max_tokens";
    private readonly OpenAIErrors _errors = new(name, keys, time);

    // OpenRouter's attribution.
    private readonly string? _referer = options.AppUrl is { } app ? new UriBuilder(app) { Host = app.IdnHost }.Uri.AbsoluteUri : null;

    public ProviderErrors Errors => _errors;

    /// <summary>Its embeddings.</summary>
    public OpenAIEmbeddings Embeddings => new(this, _errors, baseUrl);

    public string StreamMediaType => MediaTypes.EventStream;

    public HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions gatewayOptions, bool stream) =>
        Post(_endpoint, Body(messages, gatewayOptions, stream), gatewayOptions.Attempt?.Key);

    /// <summary>A request to any of the API's endpoints.</summary>
    public HttpRequestMessage Post(Uri endpoint, ReadOnlyMemory<byte> body, ProviderKey? key) =>
        ProviderRequest.Post(endpoint, body)
            .With("Authorization", key?.Bearer?.Reveal())
            .With("OpenAI-Organization", options.Organization)
            .With("OpenAI-Project", options.Project)
            .With("HTTP-Referer", _referer)
            .With("X-OpenRouter-Title", options.AppTitle);

    public ChatResponse Read(ReadOnlyMemory<byte> json, GatewayChatOptions gatewayOptions) => OpenAIResponseReader.Read(_errors, json);

    public IChatStreamReader ReadStream(GatewayChatOptions gatewayOptions) =>
        new OpenAIStreamReader(_errors, withholdUsage: askForUsage && gatewayOptions.Original?.IncludeUsage != true);

    private ReadOnlyMemory<byte> Body(IEnumerable<ChatMessage> messages, GatewayChatOptions gatewayOptions, bool stream) =>
        gatewayOptions.Original is { Protocol: WireProtocol.OpenAIChat } original
            ? OpenAIRequestSplicer.Splice(original, gatewayOptions.ModelId!, stream && askForUsage)
            : OpenAIRequestWriter.Write(messages, gatewayOptions, stream, stream && askForUsage, AsksForLogprobs(gatewayOptions), _maxTokensField);

    // Telling them costs nothing, where the model has them; others refuse to be asked.
    private bool AsksForLogprobs(GatewayChatOptions gatewayOptions) =>
        options.Logprobs && gatewayOptions.WantsLogprobs && gatewayOptions.Attempt?.Target.Pricing.Facts?.Features?.Contains(ModelFeatures.Logprobs) == true;
}
