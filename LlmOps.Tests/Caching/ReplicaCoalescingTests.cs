using System.Text.Json;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Caching;

/// <summary>Two replicas that are asked the same at the same time, where the settings say that one waits for the other.</summary>
public sealed class ReplicaCoalescingTests : CacheTests
{
    private readonly GatewayApplication _other = new();
    private readonly Gate _gate = new();
    private RedisServer? _redis;

    public override async Task DisposeAsync()
    {
        _gate.Dispose();
        await base.DisposeAsync();
        await _other.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneAsks_TheOtherWaitsForItsAnswer(bool streaming)
    {
        await StartAsync();
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        var first = AskAsync(streaming);
        await Provider.NextRequestAsync();
        var waiting = _other.CompleteAsync(Request());
        await Conditions.HoldsAsync(async () => (await _redis!.CliAsync("KEYS", "*:lock")).Length > 0);

        _gate.Open();

        (await first).Cache.ShouldBe("miss");
        using var response = await waiting;
        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("hit-redis");
        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0");
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe(Text);
        Provider.Requests.Count.ShouldBe(1);
        await Conditions.HoldsAsync(async () => (await _redis!.CliAsync("KEYS", "*:lock")).Length == 0);
    }

    [RedisFact]
    public async Task WhereTheOneFails_TheOtherAsks()
    {
        await StartAsync();
        Provider.Enqueue(FakeOpenAI.Error(500, "down").AfterWaitingFor(_gate.Opened));
        var first = AskAsync();
        await Provider.NextRequestAsync();
        var waiting = _other.CompleteAsync(Request());

        _gate.Open();

        (await first).Status.ShouldBe(502);
        using var response = await waiting;
        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("miss");
        Provider.Requests.Count.ShouldBe(2);
    }

    [RedisFact]
    public async Task WhoeverWaits_WaitsNoLongerThanItsTime()
    {
        await StartAsync();
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        var first = _other.CompleteAsync(Request());
        await Provider.NextRequestAsync();

        (await AskAsync(headers: ("X-LlmOps-Timeout", "0.5"))).Status.ShouldBe(504);

        _gate.Open();
        using var response = await first;
        response.IsSuccessStatusCode.ShouldBeTrue();
        Provider.Requests.Count.ShouldBe(1);
    }

    private async Task StartAsync()
    {
        _redis = await RedisServer.StartAsync();
        foreach (var gateway in new[] { Gateway, _other })
        {
            gateway.WithOpenAI(Provider).With("Gateway:Redis:ConnectionString", _redis.Address).With("Gateway:Redis:CallTimeout", "2s").With("Gateway:Caching:ReplicaWait", "30s");
            await Conditions.HoldsAsync(() => Task.FromResult(gateway.Http is not null && gateway.Services.GetRequiredService<CacheGenerations>().Known));
        }
    }
}
