using System.Diagnostics;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Clients;

/// <summary>OpenAI's official npm client works against /v1 unmodified. The checks are in npm-openai.mjs.</summary>
public sealed class NpmOpenAIClientTests : GatewayTests
{
    private const string Client = "openai@6.9.1";

    public NpmOpenAIClientTests()
    {
        var ordinary = FakeOpenAI.Handler(ModelAnswers.To, GatewayApplication.ProviderKey);
        Fake.Handler = request => request.BodyText switch
        {
            var body when body.Contains("FAIL 429", StringComparison.Ordinal) => FakeOpenAI.Error(429, "Slow down", "requests", code: "rate_limit_exceeded"),
            var body when body.Contains("FAIL 500", StringComparison.Ordinal) => FakeOpenAI.Error(500, "Broken", "server_error"),
            var body when body.Contains("BREAK", StringComparison.Ordinal) => Begun.ThenEnd(),
            var body when body.Contains("HANG", StringComparison.Ordinal) => Begun.ThenSilence(),
            _ => ordinary(request),
        };
    }

    private static FakeReply Begun => FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("one ", "two ")).Take(2), done: false);

    [NodeTheory]
    [InlineData("gpt-4o-mini")]
    [InlineData("offline")]
    public async Task NpmClient_WorksUnmodified(string model)
    {
        var folder = await InstalledAsync();

        var (exitCode, output) = await RunAsync(folder, "node", ["npm-openai.mjs", Gateway.Address.ToString(), model]);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("ok brokenStream");
        if (model != "offline")
        {
            var hanging = Fake.Requests.Single(request => request.BodyText.Contains("HANG", StringComparison.Ordinal));
            await hanging.ConnectionClosed.WithinDeadlineAsync("the upstream connection of the cancelled stream to be closed");
        }
    }

    // Installed once per build output and version; the mark is written when npm is done. No lock file: it would name a registry.
    private static async Task<string> InstalledAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Clients");
        var mark = Path.Combine(folder, Client + ".installed");
        if (!File.Exists(mark))
        {
            var (exitCode, output) = await RunAsync(folder, "npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", Client]);
            exitCode.ShouldBe(0, $"npm install {Client} failed:\n{output}");
            await File.WriteAllTextAsync(mark, "");
        }

        return folder;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5), TimeProvider.System);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output + await errors);
    }
}
