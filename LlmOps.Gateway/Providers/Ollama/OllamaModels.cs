using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>The models that an Ollama server has pulled: GET /api/tags, asked at most every few seconds.</summary>
internal sealed class OllamaModels(string name, Uri baseUrl, ProviderKeys keys, ProviderTransport transport, TimeProvider time) : IModelSource
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private volatile Answer? _answer;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>?> ListAsync(CancellationToken cancellationToken)
    {
        if (_answer is { } known && time.GetElapsedTime(known.At) < Fresh)
        {
            return known.Names;
        }

        var names = await AskAsync(cancellationToken);
        _answer = new Answer(time.GetTimestamp(), names);
        return names;
    }

    private async Task<IReadOnlyList<string>?> AskAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(baseUrl, "api/tags")).With("Authorization", keys.Take()?.Bearer?.Reveal());
            using var response = await transport.SendAsync(request, either.Token);
            var body = await ProviderTransport.ReadBodyAsync(name, response, null, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            using var document = new OllamaErrors(name, keys, time).Parse(body);
            return [.. WireJson.Items(document.RootElement, "models").Select(model => WireJson.Text(model, "name") ?? WireJson.Text(model, "model")).OfType<string>()];
        }
        catch (Exception exception) when (exception is ProviderException or HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private sealed record Answer(long At, IReadOnlyList<string>? Names);
}
