using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers.Tei;

/// <summary>
/// What a server says of itself: GET /info. It is asked before the first call, after a failure, and once a minute: it may
/// have been started anew with another model, and a connection that is made again goes unnoticed.
/// </summary>
internal sealed class TeiServer(string name, Uri baseUrl, ProviderErrors errors, ProviderTransport transport, TimeProvider time)
{
    private const int UsualBatch = 32;
    private const int MostBytes = 64 * 1024;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Uri _endpoint = new(baseUrl, "info");
    private volatile Answer? _answer;

    /// <summary>Its model, and how many texts it takes at a time.</summary>
    /// <exception cref="Errors.ProviderException">It does not say.</exception>
    public ValueTask<EmbeddingService> ServiceAsync(Attempt? attempt, CancellationToken cancellationToken) =>
        _answer is { } known && time.GetElapsedTime(known.At) < Fresh ? ValueTask.FromResult(known.Service) : AskAsync(attempt, cancellationToken);

    /// <summary>What it said may no longer be so.</summary>
    public void Forget() => _answer = null;

    private async ValueTask<EmbeddingService> AskAsync(Attempt? attempt, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _endpoint).With("Authorization", attempt?.Key.Bearer?.Reveal()).Accepting(MediaTypes.Json);
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
        ProviderHttp.Note(response, attempt, errors);
        var body = await ProviderTransport.ReadBodyAsync(name, response, attempt?.Limits, cancellationToken, MostBytes);
        ProviderHttp.EnsureJson(response, body, errors);
        attempt?.Limits.Pause();
        using var document = errors.Parse(body);
        var root = document.RootElement;
        var model = WireJson.Text(root, "model_id") ?? throw errors.Malformed("an /info without model_id");
        var sha = WireJson.Text(root, "model_sha");
        var most = WireJson.Integer(root, "max_client_batch_size") is > 0 and <= int.MaxValue and var size ? (int)size : UsualBatch;
        var service = new EmbeddingService(most, sha is null ? model : $"{model}@{sha}");
        _answer = new Answer(time.GetTimestamp(), service);
        return service;
    }

    private sealed record Answer(long At, EmbeddingService Service);
}
