using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>A report in a browser, and all that the browser had to say of it.</summary>
internal sealed class OpenedReport : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public OpenedReport(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => Said.Enqueue($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Said.Enqueue(error);
        page.Request += (_, request) => Requested.Enqueue(request.Url);
    }

    public IPage Page { get; }

    /// <summary>Messages of the console, and errors.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>What was asked for.</summary>
    public ConcurrentQueue<string> Requested { get; } = new();

    /// <summary>Texts of elements, as they are shown.</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string selector) => await Page.Locator(selector).AllInnerTextsAsync();

    /// <summary>Runs an expression in the page.</summary>
    public Task<T> EvaluateAsync<T>(string expression, object? argument = null) => Page.EvaluateAsync<T>(expression, argument);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
