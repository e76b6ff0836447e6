using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>Asks a provider over HTTP, in whatever protocol it speaks.</summary>
internal sealed class ProviderChatClient(string name, IChatProtocol protocol, ProviderTransport transport) : IChatClient
{
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
        ProviderHttp.Note(response, attempt, protocol.Errors);
        var body = await ProviderTransport.ReadBodyAsync(name, response, attempt?.Limits, cancellationToken);
        ProviderHttp.EnsureJson(response, body, protocol.Errors);
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
            ProviderHttp.Note(response, options.Attempt, protocol.Errors);
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

    private HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream) =>
        protocol.Request(messages, options, stream).Accepting(stream ? protocol.StreamMediaType : MediaTypes.Json);

    private async Task EnsureStreamAsync(HttpResponseMessage response, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var type = ProviderHttp.MediaTypeOf(response);
        if (response.IsSuccessStatusCode && (type is null || type == protocol.StreamMediaType))
        {
            return;
        }

        var body = await ProviderTransport.ReadBodyAsync(name, response, options.Attempt?.Limits, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw protocol.Errors.FromResponse(response, body);
        }

        if (type is not null && ProviderHttp.IsJson(type))
        {
            // An error object under a 200 says more than its content type does.
            using var document = protocol.Errors.Parse(body);
        }

        throw protocol.Errors.Malformed($"{type} to a request for a stream; expected {protocol.StreamMediaType}");
    }
}
