using LlmOps.Gateway.Prompts;
using LlmOps.Tests.Access;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Prompts;

/// <summary>Tests of a gateway with a prompts folder of its own, whose provider openai is a fake.</summary>
public abstract class PromptGatewayTests : GatewayTests
{
    /// <summary>The version of the prompt <c>greeter</c> that says its number.</summary>
    private protected const string Greeter = "name: greeter\nversion: vN\nsystem: You greet. This is vN.\nuser: Greet {{name}}!\n";

    protected PromptGatewayTests()
    {
        Gateway.With("Gateway:Prompts:Folder", Folder);
        Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello", " there") with { Usage = new FakeUsage(7, 2) });
    }

    /// <summary>The prompts folder.</summary>
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("llmops-prompts-").FullName;

    /// <summary>The prompts in force.</summary>
    private protected PromptSet Current => Gateway.Services.GetRequiredService<PromptRegistry>().Current;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Writes a file of the folder.</summary>
    private protected void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Writes versions of the prompt <c>greeter</c>.</summary>
    private protected void WriteGreeter(params int[] versions)
    {
        foreach (var version in versions)
        {
            Write($"greeter/v{version}.yaml", Greeter.Replace("vN", $"v{version}", StringComparison.Ordinal));
        }
    }

    /// <summary>Runs the prompt <c>greeter</c>.</summary>
    private protected async Task<(HttpResponseMessage Response, string? Version)> GreetAsync(string fields = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/prompts/greeter/run")
        {
            Content = new StringContent($$$"""{"variables":{"name":"Ada"}{{{fields}}}}""", System.Text.Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var response = await Gateway.Http.SendAsync(request);
        return (response, response.Headers.TryGetValues("X-LlmOps-Prompt", out var prompt) ? prompt.Single()["greeter@".Length..] : null);
    }

    /// <summary>The version that a request for the prompt <c>greeter</c> is made from.</summary>
    private protected async Task<string?> VersionAsync(string fields = "")
    {
        var (response, version) = await GreetAsync(fields);
        using (response)
        {
            response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
            return version;
        }
    }

    /// <summary>Moves a label of the prompt <c>greeter</c>.</summary>
    private protected Task MoveAsync(string version, string label = "production") =>
        Gateway.AdministerAsync("PUT", $"/admin/prompts/greeter/labels/{label}", $$"""{"version":"{{version}}"}""");
}
