using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;

namespace LlmOps.Tests.Endpoints;

/// <summary>GET /system/health: /health, with latency and last error of each dependency.</summary>
public sealed class SystemHealthTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Dependencies_AreThoseOfHealthWithTheirLatency()
    {
        var health = await ReadAsync("/health");
        var system = await ReadAsync("/system/health");

        system.EnumerateObject().Select(field => field.Name).ShouldBe(["status", "service", "version", "dependencies"]);
        system.GetProperty("status").GetString().ShouldBe(health.GetProperty("status").GetString());
        var dependencies = system.GetProperty("dependencies");
        dependencies.EnumerateObject().Select(field => field.Name).ShouldBe(health.GetProperty("dependencies").EnumerateObject().Select(field => field.Name));
        dependencies.EnumerateObject().ShouldAllBe(each => each.Value.EnumerateObject().Select(field => field.Name).SequenceEqual(new[] { "status", "description", "latency_ms", "last_error" }));
        dependencies.GetProperty("sqlite").GetProperty("latency_ms").GetDouble().ShouldBeGreaterThan(0);
        dependencies.GetProperty("sqlite").GetProperty("last_error").ValueKind.ShouldBe(JsonValueKind.Null);
        dependencies.GetProperty("configuration").GetProperty("latency_ms").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task DependencyThatIsDown_HasNoLatencyAndAnError()
    {
        _gateway.With("Gateway:Redis:ConnectionString", $"127.0.0.1:{Ports.Free()}");

        JsonElement redis = default;
        await Conditions.HoldsAsync(async () =>
        {
            redis = (await ReadAsync("/system/health")).GetProperty("dependencies").GetProperty("redis");
            return redis.GetProperty("last_error").GetProperty("message").GetString() == "down: the connection was refused";
        });

        redis.GetProperty("latency_ms").ValueKind.ShouldBe(JsonValueKind.Null);
        redis.GetProperty("last_error").GetProperty("at").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task DependencyThatIsBack_StillHasItsLastError()
    {
        await using var server = new FakeServer();
        var qdrant = new FakeQdrant();
        var isDown = true;
        server.Handler = request => isDown ? FakeReply.Text(503, "text/plain", "no") : qdrant.Answer(request);
        _gateway.With("ConnectionStrings:qdrant", server.BaseAddress.ToString());
        (await QdrantAsync()).GetProperty("status").GetString().ShouldBe("degraded");
        isDown = false;

        await Conditions.HoldsAsync(async () => (await QdrantAsync()).GetProperty("status").GetString() == "healthy");

        var back = await QdrantAsync();
        back.GetProperty("latency_ms").GetDouble().ShouldBeGreaterThan(0);
        back.GetProperty("last_error").GetProperty("message").GetString().ShouldBe("down: status 503");

        async Task<JsonElement> QdrantAsync() => (await ReadAsync("/system/health")).GetProperty("dependencies").GetProperty("qdrant");
    }

    [RedisFact]
    public async Task RedisThatIsThere_HasALatency()
    {
        await using var server = await RedisServer.StartAsync();
        _gateway.With("ConnectionStrings:redis", server.Address);

        await Conditions.HoldsAsync(async () => (await ReadAsync("/system/health")).GetProperty("dependencies").GetProperty("redis").GetProperty("latency_ms").ValueKind == JsonValueKind.Number);
    }

    private async Task<JsonElement> ReadAsync(string path) => JsonElement.Parse(await _gateway.Http.GetStringAsync(path));
}
