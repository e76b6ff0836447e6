using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>Qdrant's REST API, as far as it is needed here; each call has a deadline, and none is made while it is known to be down. Stands in for Qdrant.Client.</summary>
internal sealed partial class QdrantClient(QdrantAddress address, ProviderTransport transport, TimeProvider time, ILogger<QdrantClient> logger)
{
    private static readonly BreakerOptions BreakerOptions = new()
    {
        Window = TimeSpan.FromSeconds(10),
        Cooldown = TimeSpan.FromSeconds(1),
        SlowCallDuration = TimeSpan.MaxValue,
    };

    private readonly CircuitBreaker _breaker = new(time);
    private volatile string? _fault;

    /// <summary>Why the last call failed; null while it has not.</summary>
    public string? Fault => _fault;

    /// <summary>Makes a call.</summary>
    /// <param name="method">GET, PUT or POST.</param>
    /// <param name="path">Path and query, relative to the root.</param>
    /// <param name="body">The JSON to send; null for none.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>What the envelope has as its result.</returns>
    /// <exception cref="QdrantException">It failed, or is not made as Qdrant is down.</exception>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_breaker.TryEnter(BreakerOptions) is not { } pass)
        {
            throw new QdrantException($"not asked: {_fault}");
        }

        using var deadline = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var result = await SendAsync(method, path, body, both.Token);
            Settle(pass, failure: null);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _breaker.Abandon(pass);
            throw;
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or ProviderException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            var failure = exception switch
            {
                OperationCanceledException => new QdrantException($"no answer within {timeout.TotalMilliseconds:0} ms", innerException: exception),
                JsonException or InvalidOperationException or KeyNotFoundException => new QdrantException("an answer that is not Qdrant's", 500, exception),
                _ => new QdrantException("it cannot be reached, or broke off", innerException: exception),
            };
            Settle(pass, failure);
            throw failure;
        }
        catch (QdrantException exception)
        {
            Settle(pass, exception.IsOutage ? exception : null);
            throw;
        }
    }

    /// <summary>Asks for something that costs next to nothing. Returns whether it was answered; why not, <see cref="Fault"/> tells.</summary>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    public async Task<bool> AnswersAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(HttpMethod.Get, "collections", body: null, timeout, cancellationToken);
            return true;
        }
        catch (QdrantException)
        {
            return false;
        }
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(address.Endpoint, path));
        if (body is { } json)
        {
            request.Content = new ReadOnlyMemoryContent(json);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", MediaTypes.Json);
        }

        request.With("api-key", address.ApiKey?.Reveal()).With("Accept", MediaTypes.Json);
        using var response = await transport.SendAsync(request, cancellationToken);
        var answer = await ProviderTransport.ReadBodyAsync("qdrant", response, attempt: null, cancellationToken);
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            throw new QdrantException($"status {status}", status);
        }

        var envelope = JsonDocument.Parse(answer).RootElement;
        return envelope.GetProperty("result"u8);
    }

    private void Settle(BreakerPass pass, QdrantException? failure)
    {
        var before = _fault;
        _fault = failure?.Message;
        _breaker.Settle(pass, failed: failure is not null, slow: false, BreakerOptions);
        if (before is null && failure is not null)
        {
            LogDown(failure.Message);
        }
        else if (before is not null && failure is null)
        {
            LogUp();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Qdrant is down: {Reason}. Requests go on without it.")]
    private partial void LogDown(string reason);

    [LoggerMessage(LogLevel.Information, "Qdrant is up again.")]
    private partial void LogUp();
}
