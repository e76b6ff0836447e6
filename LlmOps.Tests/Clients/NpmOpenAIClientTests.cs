using System.Diagnostics;
using LlmOps.Tests.Embeddings;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Clients;

/// <summary>OpenAI's official npm client works against /v1 unmodified. The checks are in npm-openai.mjs.</summary>
public sealed class NpmOpenAIClientTests : ProviderTests
{
    private const string Client = "openai@6.9.1";

    public NpmOpenAIClientTests()
    {
        AnswerAll(ModelAnswers.To);
        var ordinary = Fake.Handler;
        var embeddings = TestedEmbedding.All.Where(provider => provider != TestedEmbedding.Tei).ToDictionary(provider => provider.Path, provider => provider.Handler(new FakeVectors()));
        Fake.Handler = request =>
        {
            if (embeddings.TryGetValue(request.Path, out var embed))
            {
                return embed(request);
            }

            var provider = TestedProvider.All.Single(provider => provider.Owns(request));
            return request.BodyText switch
            {
                var body when body.Contains("FAIL 429", StringComparison.Ordinal) => provider.Error(429, "Slow down"),
                var body when body.Contains("FAIL 500", StringComparison.Ordinal) => provider.Error(500, "Broken"),
                var body when body.Contains("BREAK", StringComparison.Ordinal) => provider.Begun().ThenEnd(),
                var body when body.Contains("HANG", StringComparison.Ordinal) => provider.Begun().ThenSilence(),
                _ => ordinary(request),
            };
        };
    }

    /// <summary>A model of every provider: one program fits all.</summary>
    public static TheoryData<string> Models => [.. TestedProvider.All.Select(provider => provider.Model), "offline"];

    [NodeTheory]
    [MemberData(nameof(Models))]
    public async Task NpmClient_WorksUnmodified(string model)
    {
        var folder = await InstalledAsync();

        var (exitCode, output) = await RunAsync(folder, "node", ["npm-openai.mjs", Gateway.Address.ToString(), model, EmbeddingModelBeside(model)]);

        exitCode.ShouldBe(0, output);
        output.ShouldContain("ok brokenStream");
        if (model != "offline")
        {
            var hanging = Fake.Requests.Single(request => request.BodyText.Contains("HANG", StringComparison.Ordinal));
            await hanging.ConnectionClosed.WithinDeadlineAsync("the upstream connection of the cancelled stream to be closed");
        }
    }

    // One of the same provider, where it has one.
    private static string EmbeddingModelBeside(string model) => TestedProvider.All.SingleOrDefault(provider => provider.Model == model)?.Name switch
    {
        "openai" => "text-embedding-3-small",
        "gemini" => "gemini-embedding-001",
        "ollama" => "ollama/nomic-embed-text",
        _ => "offline-embedding",
    };

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
        var run = await ProgramRun.OfAsync(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder });
        return (run.ExitCode, run.Output + run.Errors);
    }
}
