using Microsoft.Playwright;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>A test that needs Chromium; it is skipped where that is missing.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.Missing;
}

/// <inheritdoc cref="ChromiumFactAttribute"/>
internal sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = Chromium.Missing;
}

/// <summary>One Chromium, the system's, for all tests of a class. Where it is missing there is none, and they are skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string? Program = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)))
        .FirstOrDefault(File.Exists);

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why tests of pages are skipped; null where it is there.</summary>
    public static string? Missing { get; } = Program is null ? "chromium is not installed." : null;

    public async Task InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        // Where packages are restored, Playwright brings its driver; the browser is the system's. root has no sandbox, and pages are our own.
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, ChromiumSandbox = false });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>Opens a page in a window of its own.</summary>
    internal async Task<OpenedReport> OpenAsync(string path, ColorScheme theme = ColorScheme.Light, int width = 1280)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ColorScheme = theme, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var opened = new OpenedReport(context, await context.NewPageAsync());
        await opened.Page.GotoAsync(new Uri(path).AbsoluteUri);
        return opened;
    }
}
