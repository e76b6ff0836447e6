using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>Asks a provider over HTTP, in whatever protocol it speaks.</summary>
internal sealed class ProviderChatClient(string name, IChatProtocol protocol, ProviderTransport transport) : IChatClient
{
    private static readonly string UserAgent = $"LlmOps/{typeof(ProviderChatClient).Assembly.GetName().Version!.ToString(3)}";

    // OpenAI and what is compatible; Anthropic.
    private static readonly string[] RequestIdHeaders = ["x-request-id", "request-id"];

    private static readonly string[] UsualTypes = [MediaTypes.Json, MediaTypes.EventStream, MediaTypes.NdJson];

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        var attempt = gatewayOptions.Attempt;
        using var request = Request(messages, gatewayOptions, stream: false);
        HttpResponseMessage response;
        try
        {
            response = await transport.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (ProviderTransport.Failure(name, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }

        using var answered = response;
        attempt?.Limits.HeadersReceived();
        Note(response, attempt);
        var body = await ProviderTransport.ReadBodyAsync(name, response, attempt?.Limits, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw protocol.Errors.FromResponse(response, body);
        }

        if (MediaTypeOf(response) is { } type && !IsJson(type))
        {
            throw protocol.Errors.Malformed($"{type}; expected application/json");
        }

        return protocol.Read(body, gatewayOptions);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var gatewayOptions = GatewayChatOptions.Of(options);
        return StreamAsync(Request(messages, gatewayOptions, stream: true), gatewayOptions, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The connections belong to the transport.
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        HttpRequestMessage request, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var sent = request;
        var reader = protocol.ReadStream(options);
        HttpResponseMessage response;
        try
        {
            response = await transport.SendAsync(request, cancellationToken);
        }
        catch (Exception exception) when (ProviderTransport.Failure(name, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }

        try
        {
            options.Attempt?.Limits.HeadersReceived();
            Note(response, options.Attempt);
            await EnsureStreamAsync(response, options, cancellationToken);
            var stream = response.Content.ReadAsStream(cancellationToken);
            await foreach (var received in Events(stream, cancellationToken))
            {
                var update = Understand(reader, received);
                if (reader.Ended)
                {
                    transport.Finish(response, stream);
                }

                if (update is not null)
                {
                    yield return update;
                }

                if (reader.Ended)
                {
                    break;
                }
            }
        }
        finally
        {
            if (!reader.Ended)
            {
                response.Dispose();
            }
        }

        if (reader.End() is { } last)
        {
            yield return last;
        }
    }

    // Half an event, at the end of the bytes, is a cut and not another protocol.
    private ChatResponseUpdate? Understand(IChatStreamReader reader, StreamEvent received)
    {
        try
        {
            return reader.Read(received);
        }
        catch (ProviderException exception) when (received.Unfinished && exception.Error == ErrorCode.ProviderBadResponse)
        {
            throw protocol.Errors.Interrupted();
        }
    }

    private IAsyncEnumerable<StreamEvent> Events(Stream stream, CancellationToken cancellationToken) =>
        protocol.StreamMediaType == MediaTypes.EventStream
            ? new SseReader(name, stream).ReadAsync(cancellationToken)
            : new NdJsonReader(name, stream).ReadAsync(cancellationToken);

    private HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream)
    {
        var request = protocol.Request(messages, options, stream);
        request.Headers.TryAddWithoutValidation("Accept", stream ? protocol.StreamMediaType : MediaTypes.Json);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        return request;
    }

    private void Note(HttpResponseMessage response, Attempt? attempt)
    {
        foreach (var header in RequestIdHeaders)
        {
            if (attempt is not null && response.Headers.NonValidated.TryGetValues(header, out var ids))
            {
                attempt.ProviderRequestId = protocol.Errors.Name(ids.ToString());
                break;
            }
        }

        if (response.Content.Headers.NonValidated.Contains("Content-Encoding")
            && response.Content.Headers.ContentEncoding.FirstOrDefault(encoding => encoding != "identity") is { } unasked)
        {
            throw protocol.Errors.Malformed($"content encoded as {unasked}, which was not asked for");
        }
    }

    private async Task EnsureStreamAsync(HttpResponseMessage response, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var type = MediaTypeOf(response);
        if (response.IsSuccessStatusCode && (type is null || type == protocol.StreamMediaType))
        {
            return;
        }

        var body = await ProviderTransport.ReadBodyAsync(name, response, options.Attempt?.Limits, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw protocol.Errors.FromResponse(response, body);
        }

        if (type is not null && IsJson(type))
        {
            // An error object under a 200 says more than its content type does.
            using var document = protocol.Errors.Parse(body);
        }

        throw protocol.Errors.Malformed($"{type} to a request for a stream; expected {protocol.StreamMediaType}");
    }

    // The usual ones are told from the header's text; its parsed form would cost every answer.
    private static string? MediaTypeOf(HttpResponseMessage response)
    {
        if (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) && values.ToString() is var text)
        {
            foreach (var usual in UsualTypes)
            {
                if (text.StartsWith(usual, StringComparison.Ordinal) && (text.Length == usual.Length || text[usual.Length] == ';'))
                {
                    return usual;
                }
            }
        }

        return response.Content.Headers.ContentType?.MediaType;
    }

    private static bool IsJson(string type) => type.EndsWith("json", StringComparison.OrdinalIgnoreCase);
}
