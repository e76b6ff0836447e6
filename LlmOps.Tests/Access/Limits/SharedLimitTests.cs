using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Replicas that share limits in one Redis, which may fail without any request noticing.</summary>
public sealed class SharedLimitTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Request = """{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""";

    private readonly List<GatewayApplication> _gateways = [];
    private RedisServer? _redis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task AtTheSameTime_AtThreeReplicas_ExactlyTheLimitPasses()
    {
        await StartAsync(3);
        var keys = await AddKeysAsync(new RequestLimits { RequestsPerHour = 50 });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => StatusAsync(number % 3, keys)));

        statuses.Count(status => status == HttpStatusCode.OK).ShouldBe(50);
        statuses.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBe(150);
    }

    [RedisFact]
    public async Task TokensThatAreSettled_AreThereForOthers()
    {
        await using var provider = new FakeServer(FakeOpenAI.Handler(FakeAnswer.Text("Yes"), GatewayApplication.ProviderKey));
        await StartAsync(2, provider);
        var keys = await AddKeysAsync(new RequestLimits { TokensPerDay = 10_000 });
        const string Paid = """{"model":"gpt-4o","max_tokens":2000,"messages":[{"role":"user","content":"Hi"}]}""";
        for (var number = 0; number < 6; number++)
        {
            using var answer = await _gateways[number % 2].SendAsync(Chat, Paid, keys[number % 2]);
            answer.IsSuccessStatusCode.ShouldBeTrue();
            answer.Header("x-ratelimit-limit-tokens").ShouldBe("10000");
        }

        // Nobody waits for the settling: the last may still be on its way.
        await Conditions.HoldsAsync(async () =>
        {
            var used = await _redis!.CliAsync("GET", "{llmops:limits}:key:key_ci:tokens:86400");
            return double.Parse(used.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) is > 170 and <= 174;
        });
    }

    [RedisFact]
    public async Task PlaceAtOneReplica_IsTakenForAll_UntilItIsGivenBack()
    {
        using var gate = new Gate();
        await using var provider = new FakeServer(_ => FakeOpenAI.Reply(FakeAnswer.Text("Yes")).AfterWaitingFor(gate.Opened));
        await StartAsync(2, provider);
        var keys = await AddKeysAsync(new RequestLimits { Concurrency = 1 });
        var held = _gateways[0].SendAsync(Chat, Request.Replace("offline", "gpt-4o", StringComparison.Ordinal), keys[0]);
        await provider.NextRequestAsync();

        (await StatusAsync(1, keys)).ShouldBe(HttpStatusCode.TooManyRequests);
        gate.Open();
        (await held).Dispose();

        await Conditions.HoldsAsync(async () => await StatusAsync(1, keys) == HttpStatusCode.OK);
    }

    [RedisFact]
    public async Task WithoutLimits_RedisIsNotAsked()
    {
        await StartAsync(1);
        var keys = await AddKeysAsync(null);

        (await StatusAsync(0, keys)).ShouldBe(HttpStatusCode.OK);

        (await _redis!.CliAsync("KEYS", "{llmops:limits}*")).ShouldBeEmpty();
    }

    [RedisFact]
    public async Task RedisThatDiesUnderLoad_FailsNoRequest_EachReplicaHoldsToTheLimitsAlone_AndItComesBack()
    {
        await StartAsync(2);
        var keys = await AddKeysAsync(new RequestLimits { RequestsPerDay = 1_000_000, TokensPerDay = 1_000_000_000, Concurrency = 1_000 });
        var narrow = await AddKeysAsync(new RequestLimits { RequestsPerHour = 2 }, "key_narrow");
        var free = await AddKeysAsync(null, "key_free");
        var failed = new ConcurrentQueue<string>();
        var (answered, degraded) = (0, 0);
        using var ends = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            while (!ends.IsCancellationRequested)
            {
                using var answer = await _gateways[worker % 2].SendAsync(Chat, Request, keys[worker % 2]);
                Interlocked.Increment(ref answered);
                Interlocked.Add(ref degraded, answer.Header("X-LlmOps-Degraded") == "redis" ? 1 : 0);
                if (!answer.IsSuccessStatusCode)
                {
                    failed.Enqueue($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
                }
            }
        })).ToArray();
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref answered) > 50));

        await _redis!.KillAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref degraded) > 50));

        foreach (var replica in new[] { 0, 1 })
        {
            HttpStatusCode[] statuses = [await StatusAsync(replica, narrow), await StatusAsync(replica, narrow), await StatusAsync(replica, narrow)];
            statuses.ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests]);
            using var unlimited = await _gateways[replica].SendAsync(Chat, Request, free[replica]);
            unlimited.Header("X-LlmOps-Degraded").ShouldBeEmpty();
        }

        await _redis.RestartAsync();
        await Conditions.HoldsAsync(async () =>
        {
            using var answer = await _gateways[0].SendAsync(Chat, Request, keys[0]);
            return answer.Header("X-LlmOps-Degraded").Length == 0;
        });
        await ends.CancelAsync();
        await Task.WhenAll(load);
        failed.ShouldBeEmpty();
        (await _redis.CliAsync("KEYS", "{llmops:limits}*")).ShouldContain("key:key_ci:requests:86400");
    }

    private async Task StartAsync(int replicas, FakeServer? provider = null)
    {
        _redis = await RedisServer.StartAsync();
        for (var number = 0; number < replicas; number++)
        {
            // Its deadline is that of a machine which has other things to do.
            var gateway = new GatewayApplication().With("ConnectionStrings:redis", _redis.Address).With("Gateway:Redis:CallTimeout", "30s");
            _gateways.Add(provider is null ? gateway : gateway.WithOpenAI(provider));
            await Conditions.HoldsAsync(async () =>
                JsonElement.Parse(await gateway.Http.GetStringAsync("/health")).GetProperty("dependencies").GetProperty("redis").GetProperty("description").GetString() == "up");
        }
    }

    /// <summary>The same key, to the limits, at each replica.</summary>
    private async Task<IReadOnlyList<string>> AddKeysAsync(RequestLimits? limits, string id = "key_ci")
    {
        var keys = new List<string>();
        foreach (var gateway in _gateways)
        {
            keys.Add(await gateway.AddKeyAsync(limits, id: id));
        }

        return keys;
    }

    private async Task<HttpStatusCode> StatusAsync(int replica, IReadOnlyList<string> keys)
    {
        using var answer = await _gateways[replica].SendAsync(Chat, Request, keys[replica]);
        return answer.StatusCode;
    }
}
