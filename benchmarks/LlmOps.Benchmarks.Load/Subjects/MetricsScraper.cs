namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Asks gateways for GET /metrics again and again, as a Prometheus does.</summary>
internal sealed class MetricsScraper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly Task _scraping;

    /// <param name="ports">Where they listen.</param>
    public MetricsScraper(IReadOnlyCollection<int> ports) => _scraping = Task.WhenAll(ports.Select(ScrapeAsync));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _scraping;
        }
        catch (OperationCanceledException)
        {
            // As asked for.
        }

        _http.Dispose();
        _stop.Dispose();
    }

    private async Task ScrapeAsync(int port)
    {
        while (true)
        {
            await Task.Delay(Interval, _stop.Token);
            await _http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/metrics"), _stop.Token);
        }
    }
}
