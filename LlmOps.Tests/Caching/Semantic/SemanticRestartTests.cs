using System.Text;
using LlmOps.Tests.Redis;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>What the index of a gateway without Qdrant survives, with real processes.</summary>
public sealed class SemanticRestartTests : IAsyncLifetime
{
    private const string Asks = "What is the capital of France?";
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Restart_KeepsTheIndex_ButNotWhatWasCleared()
    {
        await using (var first = await StartAsync())
        {
            (await AskAsync(first, Asks)).ShouldBe("miss");
        }

        await using (var second = await StartAsync())
        {
            await HoldsAsync(second, "hit-semantic");
            using var clearing = new HttpRequestMessage(HttpMethod.Delete, "/cache");
            clearing.Headers.Authorization = new("Bearer", "sk-1");
            using var cleared = await second.Http.SendAsync(clearing);
            cleared.EnsureSuccessStatusCode();
        }

        await using var third = await StartAsync();
        (await AskAsync(third, "what's the capital of france")).ShouldBe("miss");
    }

    [RedisFact]
    public async Task Restart_KeepsTheIndex_WithARedisToo()
    {
        await using var redis = await RedisServer.StartAsync();
        (string, string)[] more = [("REDIS_URL", redis.Address), ("Gateway__Redis__CallTimeout", "2s"), ("Gateway__Caching__MaxMemoryBytes", "0")];
        await using (var first = await StartAsync(more))
        {
            var number = 0;
            await Conditions.HoldsAsync(async () => await AskAsync(first, $"Name {++number + 20} capitals") == "miss" && await AskAsync(first, $"name {number + 20} capitals?") == "hit-semantic");
            await AskAsync(first, Asks);
        }

        await using var second = await StartAsync(more);
        await HoldsAsync(second, "hit-semantic");
    }

    // With SQLite there is no other process on the folder; with PostgreSQL, here one that is down, there can be.
    [Fact]
    public async Task AnotherProcessOnTheSameFolder_GoesOnInMemory_AndSaysSo()
    {
        var postgres = ("DATABASE_URL", $"postgres://u:p@127.0.0.1:{Ports.Free()}/db");
        await using var first = await StartAsync(postgres);
        await AskAsync(first, Asks);

        await using var second = await StartAsync(postgres);
        (await AskAsync(second, Asks)).ShouldBe("miss");
        (await AskAsync(second, "what's the capital of france")).ShouldBe("hit-semantic");
        await Conditions.HoldsAsync(() => Task.FromResult(second.Output.Contains("belongs to another process", StringComparison.Ordinal)));
    }

    private Task<GatewayProcess> StartAsync(params (string, string)[] more) =>
        GatewayProcess.Start(_folder, [("Gateway__Caching__Semantic__Mode", "On"), ("LLMOPS_ADMIN_KEY", "sk-1"), .. more]).ReadyAsync();

    // Loading goes on in the background.
    private static async Task HoldsAsync(GatewayProcess gateway, string cache)
    {
        var more = "?";
        await Conditions.HoldsAsync(async () => await AskAsync(gateway, "what's the capital of france" + (more += "?")) == cache);
    }

    private static async Task<string> AskAsync(GatewayProcess gateway, string question)
    {
        using var response = await gateway.Http.PostAsync("/chat", new StringContent($$"""{"prompt":"{{question}}"}""", Encoding.UTF8, "application/json"));
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("X-LlmOps-Cache").Single();
    }
}
