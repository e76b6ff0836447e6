namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Looks once, at start, whether an Ollama server runs on this machine.</summary>
internal sealed class LocalOllama(Uri address, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);

    private readonly Lazy<bool> _isThere = new(() => Look(address, time));

    /// <summary>Whether it answered within 300 ms.</summary>
    public bool IsThere => _isThere.Value;

    private static bool Look(Uri address, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(Deadline, time);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "api/version"));
        try
        {
            using var response = http.Send(request, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
