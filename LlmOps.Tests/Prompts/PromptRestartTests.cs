using System.Net.Http.Json;
using System.Text.Json;

namespace LlmOps.Tests.Prompts;

/// <summary>What a start of the process makes of labels.yaml and NAME_PROMPT_VERSION: what is said anew counts, a restart undoes nobody's move.</summary>
public sealed class PromptRestartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-prompt-restart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RestartUndoesNoMove_AndWhatIsSaidAnewIsOne()
    {
        foreach (var version in Enumerable.Range(1, 3))
        {
            Directory.CreateDirectory(Path.Combine(_folder, "prompts/my-greeter"));
            await File.WriteAllTextAsync(Path.Combine(_folder, $"prompts/my-greeter/v{version}.yaml"), $"name: my-greeter\nversion: v{version}\nuser: Hello {{{{name}}}}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "prompts/my-greeter/labels.yaml"), "production: v1\n");

        (await RunAsync(variable: null)).ShouldBe("v1", "as labels.yaml says");
        (await RunAsync("v2")).ShouldBe("v2", "the variable is new");
        (await RunAsync("v2", move: "v3")).ShouldBe("v3", "the API has moved it since");
        (await RunAsync("v2")).ShouldBe("v3", "the variable says what it said before");
        (await RunAsync("v1")).ShouldBe("v1", "the variable says something else");
        (await RunAsync(variable: null)).ShouldBe("v1", "a variable that is gone says nothing");
        (await RunAsync("v9")).ShouldBe("v1", "there is no such version");
    }

    // The version that is in force after a start, and perhaps a move.
    private async Task<string?> RunAsync(string? variable, string? move = null)
    {
        await using var gateway = GatewayProcess.Start(_folder, [("LLMOPS_ADMIN_KEY", "sk-administrator-of-a-test"), ("Gateway__DetectOllama", "false"), .. variable is null ? [] : new[] { ("MY_GREETER_PROMPT_VERSION", variable) }]);
        await gateway.ReadyAsync();
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", "sk-administrator-of-a-test");
        if (move is not null)
        {
            using var moved = await gateway.Http.PutAsJsonAsync("/admin/prompts/my-greeter/labels/production", new { version = move });
            moved.EnsureSuccessStatusCode();
        }

        using var rendered = await gateway.Http.PostAsJsonAsync("/prompts/my-greeter/render", new { variables = new { name = "Ada" } });
        gateway.Terminate();
        await gateway.ExitAsync();
        return (await rendered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetString();
    }
}
