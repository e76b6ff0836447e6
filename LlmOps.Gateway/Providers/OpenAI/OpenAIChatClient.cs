using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// OpenAI's chat completions, and whatever is compatible with them. A request that arrived in this protocol is
/// forwarded as it came; one that did not is written from its typed form.
/// </summary>
internal sealed class OpenAIChatClient : IChatClient
{
    private static readonly string UserAgent = $"LlmOps/{typeof(OpenAIChatClient).Assembly.GetName().Version!.ToString(3)}";

    private readonly string _name;
    private readonly Uri _endpoint;
    private readonly Secret? _key;
    private readonly ProviderOptions _options;
    private readonly bool _askForUsage;
    private readonly string _maxTokensField;
    private readonly ProviderTransport _transport;
    private readonly OpenAIErrors _errors;

    public OpenAIChatClient(string name, Uri baseUrl, ProviderOptions options, bool askForUsage, ProviderTransport transport, TimeProvider time)
    {
        _name = name;
        _endpoint = new Uri(baseUrl.ToString().TrimEnd('/') + "/chat/completions");
        _key = options.ApiKey;
        _options = options;
        _askForUsage = askForUsage;
        _maxTokensField = baseUrl.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase) ? "max_completion_tokens" : "max_tokens";
        _transport = transport;
        _errors = new OpenAIErrors(name, options.ApiKey, time);
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        var attempt = gatewayOptions.Request.Attempt;
        using var message = Message(Body(messages, gatewayOptions, stream: false), stream: false);
        using var response = await _transport.SendAsync(_name, message, attempt, cancellationToken);
        Note(response, gatewayOptions.Request);
        var body = await ProviderTransport.ReadBodyAsync(_name, response, attempt, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw _errors.FromResponse(response, body);
        }

        if (response.Content.Headers.ContentType?.MediaType is { } type && !type.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            throw _errors.Malformed($"{type}; expected application/json");
        }

        return OpenAIResponseReader.Read(_errors, body);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        return StreamAsync(Body(messages, gatewayOptions, stream: true), gatewayOptions, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The connections belong to the transport.
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ReadOnlyMemory<byte> body, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var attempt = options.Request.Attempt;
        using var message = Message(body, stream: true);
        var response = await _transport.SendAsync(_name, message, attempt, cancellationToken);
        var finished = false;
        try
        {
            Note(response, options.Request);
            await EnsureStreamAsync(response, options, cancellationToken);
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var reader = new OpenAIStreamReader(_errors, withholdUsage: _askForUsage && !CallerWantsUsage(options));
            await foreach (var received in new SseReader(_name, stream).ReadAsync(cancellationToken))
            {
                if (received.Data.Span.SequenceEqual("[DONE]"u8))
                {
                    if (!reader.Complete)
                    {
                        break;
                    }

                    finished = true;
                    _transport.Finish(response, stream);
                    yield break;
                }

                if (!received.Data.IsEmpty)
                {
                    yield return reader.Read(received);
                }
            }
        }
        finally
        {
            if (!finished)
            {
                response.Dispose();
            }
        }

        throw _errors.Interrupted();
    }

    private void Note(HttpResponseMessage response, GatewayRequest request)
    {
        if (response.Headers.TryGetValues("x-request-id", out var ids))
        {
            request.ProviderRequestId = ids.First();
        }

        if (response.Content.Headers.ContentEncoding.FirstOrDefault(encoding => encoding != "identity") is { } unasked)
        {
            throw _errors.Malformed($"content encoded as {unasked}, which was not asked for");
        }
    }

    private async Task EnsureStreamAsync(HttpResponseMessage response, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (response.IsSuccessStatusCode && type is null or "text/event-stream")
        {
            return;
        }

        var body = await ProviderTransport.ReadBodyAsync(_name, response, options.Request.Attempt, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw _errors.FromResponse(response, body);
        }

        if (type is not null && type.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            // An error object under a 200 says more than its content type does.
            using var document = OpenAIResponseReader.Parse(_errors, body);
            _errors.ThrowIfError(document.RootElement);
        }

        throw _errors.Malformed($"{type} to a request for a stream; expected text/event-stream");
    }

    private ReadOnlyMemory<byte> Body(IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream)
    {
        var askForUsage = stream && _askForUsage;
        return options.Original is { Protocol: WireProtocol.OpenAIChat } original
            ? OpenAIRequestSplicer.Splice(original.Body, options.ModelId!, askForUsage)
            : OpenAIRequestWriter.Write(messages, options, stream, askForUsage, _maxTokensField);
    }

    private HttpRequestMessage Message(ReadOnlyMemory<byte> body, bool stream)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.TryAddWithoutValidation("Accept", stream ? "text/event-stream" : "application/json");
        message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (_key is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + _key.Reveal());
        }

        if (_options.Organization is { } organization)
        {
            message.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        }

        if (_options.Project is { } project)
        {
            message.Headers.TryAddWithoutValidation("OpenAI-Project", project);
        }

        return message;
    }

    private static bool CallerWantsUsage(GatewayChatOptions options) =>
        options.Original is { } original
        && OpenAIJson.Member(OpenAIJson.Member(original.Body.Root, "stream_options"), "include_usage") is { ValueKind: JsonValueKind.True };
}
