using System.Text.Json;
using LlmOps.Gateway.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Redis;

/// <summary>The gateway beside its Redis.</summary>
public sealed class GatewayRedisTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task WithoutRedis_NothingConnects()
    {
        (await HealthAsync()).TryGetProperty("redis", out _).ShouldBeFalse();
        _gateway.Services.GetRequiredService<IRedis>().ShouldBeOfType<NoRedis>();
    }

    [Fact]
    public async Task RedisThatIsDown_StopsNeitherTheStartNorAnswers()
    {
        _gateway.With("Gateway:Redis:ConnectionString", $"redis://:hunter2@127.0.0.1:{Ports.Free()}");

        using var answer = await _gateway.CompleteAsync("""{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""");

        answer.IsSuccessStatusCode.ShouldBeTrue();
        var logged = await _gateway.Logs.FirstAsync(log => log.Message.StartsWith("Redis at", StringComparison.Ordinal));
        logged.Message.ShouldContain("is not available: the connection was refused");
        var redis = (await HealthAsync()).GetProperty("redis");
        redis.GetProperty("status").GetString().ShouldBe("degraded");
        redis.GetProperty("description").GetString().ShouldBe("down: the connection was refused");
        (await _gateway.Http.GetAsync("/health/ready")).IsSuccessStatusCode.ShouldBeTrue();
        _gateway.Logs.All.ShouldNotContain(log => log.Category.Contains("HealthChecks", StringComparison.Ordinal));
        string.Concat(_gateway.Logs.All.Select(log => log.Message + log.Exception)).ShouldNotContain("hunter2");
    }

    [RedisFact]
    public async Task RedisThatIsThere_IsUp()
    {
        await using var server = await RedisServer.StartAsync();
        _gateway.With("ConnectionStrings:redis", server.Address);

        await Conditions.HoldsAsync(async () => (await HealthAsync()).GetProperty("redis").GetProperty("description").GetString() == "up");

        var redis = _gateway.Services.GetRequiredService<IRedis>();
        await redis.ExecuteAsync("SET", ["k", "v"]);
        (await server.CliAsync("GET", "k")).ShouldBe("v");
    }

    private async Task<JsonElement> HealthAsync() =>
        JsonElement.Parse(await _gateway.Http.GetStringAsync("/health")).GetProperty("dependencies");
}
