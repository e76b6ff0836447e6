using System.Text.Json;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Redis;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Caching;

/// <summary>Two replicas with one Redis, which may fail without any request noticing.</summary>
public sealed class RedisCacheTests : CacheTests
{
    private const string Answers = "llmops:cache:????????????????????????????????????????????????????????????????";

    private readonly GatewayApplication _other = new();
    private RedisServer? _redis;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _other.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [RedisTheory]
    [InlineData(false, "short")]
    [InlineData(true, "short")]
    [InlineData(false, "long")]
    public async Task WhatOneReplicaWasAnswered_TheOtherGives(bool streaming, string length)
    {
        Answer = FakeAnswer.Text(length == "short" ? "Yes" : string.Concat(Enumerable.Range(0, 5000).Select(number => $"{number} ")));
        await StartAsync();
        var missed = await AskAsync(streaming);
        await Conditions.HoldsAsync(async () => (await _redis!.CliAsync("KEYS", Answers)).Length > 0);

        var (cache, text) = await AskOtherAsync();

        (missed.Cache, cache, text).ShouldBe(("miss", "hit-redis", Text));
        (await AskOtherAsync()).Cache.ShouldBe("hit-memory");
        Provider.Requests.Count.ShouldBe(1);
        if (length == "long")
        {
            var key = await _redis!.CliAsync("KEYS", Answers);
            int.Parse(await _redis.CliAsync("STRLEN", key), System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(Text.Length);
            long.Parse(await _redis.CliAsync("PTTL", key), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(3_000_000, 3_600_000);
        }
    }

    [RedisFact]
    public async Task Clearing_RemovesSemanticEntriesOfAllReplicas_ThatKeepTheirOwn()
    {
        Gateway.With("Gateway:Caching:Semantic:Mode", "On");
        _other.With("Gateway:Caching:Semantic:Mode", "On");
        await StartAsync();
        await AskOtherAsync("What is the capital of France?");
        (await SemanticEntriesAsync()).ShouldBe(1);

        await ClearAsync("");

        await Conditions.HoldsAsync(async () => await SemanticEntriesAsync() == 0);
        (await AskOtherAsync("what's the capital of france")).Cache.ShouldBe("miss");

        async Task<int> SemanticEntriesAsync() =>
            JsonElement.Parse(await _other.Http.GetStringAsync("/cache/stats")).GetProperty("semantic").GetProperty("entries").GetInt32();
    }

    [RedisFact]
    public async Task Clearing_IsInEffectOnAllReplicas()
    {
        await StartAsync();
        await AskAsync();
        await Conditions.HoldsAsync(async () => (await AskOtherAsync()).Cache == "hit-memory");

        (await ClearAsync("?model=gpt-4o-mini")).ShouldBe(("model:gpt-4o-mini", true));

        Answer = FakeAnswer.Text("Newer");
        await Conditions.HoldsAsync(async () => (await AskOtherAsync()).Text == "Newer");
        (await AskAsync()).Text.ShouldBe("Newer");
    }

    [RedisFact]
    public async Task ClearingWhileRedisIsDown_ReachesTheOthersWhenItIsBack()
    {
        await StartAsync();
        await AskAsync();
        await Conditions.HoldsAsync(async () => (await AskOtherAsync()).Cache == "hit-memory");
        await _redis!.KillAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(!Gateway.Services.GetRequiredService<IRedis>().IsAvailable));

        (await ClearAsync("")).ShouldBe(("all", false));

        (await AskAsync()).Cache.ShouldBe("miss");
        Answer = FakeAnswer.Text("Newer");
        (await AskOtherAsync()).Cache.ShouldBe("hit-memory");
        await _redis.RestartAsync();

        await Conditions.HoldsAsync(async () => (await AskOtherAsync()).Text == "Newer");
    }

    [RedisFact]
    public async Task WhatWasCleared_StaysSoForANewGateway_ThoughRedisLostTheNumbers()
    {
        await StartAsync(Gateway);
        await AskAsync();
        await Conditions.HoldsAsync(async () => (await _redis!.CliAsync("KEYS", Answers)).Length > 0);
        (await ClearAsync("?model=gpt-4o-mini")).ShouldBe(("model:gpt-4o-mini", true));
        await _redis!.CliAsync("DEL", "llmops:cache:generations");
        await Conditions.HoldsAsync(async () => await _redis.CliAsync("HLEN", "llmops:cache:generations") == "2");
        Answer = FakeAnswer.Text("Newer");

        await StartAsync(_other);

        (await AskOtherAsync()).ShouldBe(("miss", "Newer"));
        await Conditions.HoldsAsync(async () => (await _redis.CliAsync("KEYS", Answers)).Split('\n').Length == 2);
        (await AskAsync()).Cache.ShouldBe("hit-redis");
    }

    [RedisTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RedisThatFails_IsNoticedByNobody_ButSaidInAHeader(bool killed)
    {
        await StartAsync();
        await AskAsync();
        if (killed)
        {
            await _redis!.KillAsync();
        }
        else
        {
            _redis!.Suspend();
        }

        var degraded = false;
        for (var number = 0; number < 40 || !degraded; number++)
        {
            using var response = await Gateway.CompleteAsync(Request(text: $"q{number}"));
            response.IsSuccessStatusCode.ShouldBeTrue();
            response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("miss");
            degraded |= response.Headers.TryGetValues("X-LlmOps-Degraded", out var values) && values.Single() == "redis";
        }

        (await AskAsync()).Cache.ShouldBe("hit-memory");
        if (killed)
        {
            await _redis.RestartAsync();
        }
        else
        {
            _redis.Resume();
        }

        var again = 0;
        await Conditions.HoldsAsync(async () =>
        {
            // Kept while Redis is back, and found there by the other replica.
            var text = $"again {again++}";
            await AskAsync(text: text);
            return (await AskOtherAsync(text)).Cache == "hit-redis";
        });
    }

    [RedisFact]
    public async Task WhatSomebodyElseWroteThere_IsPassedOver()
    {
        await StartAsync();
        await AskAsync();
        string key = "";
        await Conditions.HoldsAsync(async () => (key = await _redis!.CliAsync("KEYS", Answers)).Length > 0);
        foreach (var garbage in new[] { "", "x", "\u0001\u0000????garbage", "{}" })
        {
            await _redis!.CliAsync("SET", key, garbage);
            (await AskOtherAsync(fresh: true)).Text.ShouldBe(Text);
        }
    }

    [RedisFact]
    public async Task WhatIsNoAnswer_IsRemoved()
    {
        await StartAsync(Gateway);
        var answers = Gateway.Services.GetRequiredService<RedisAnswers>();
        var (key, name) = (new CacheKey(1, 2, 3, 4), $"llmops:cache:{new CacheKey(1, 2, 3, 4)}");
        foreach (var garbage in new[] { "", "x", "\u0001\u0001????garbage", "{}" })
        {
            await _redis!.CliAsync("SET", name, garbage);

            (await answers.FindAsync(key, most: 1_000, CancellationToken.None)).ShouldBe((null, false));

            await Conditions.HoldsAsync(async () => await _redis.CliAsync("EXISTS", name) == "0");
        }
    }

    [RedisTheory]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public async Task AnswerThatIsTooLargeHere_IsLeftToOthers(int compressFrom)
    {
        await StartAsync(Gateway);
        var answers = Gateway.Services.GetRequiredService<RedisAnswers>();
        var key = new CacheKey(1, 2, 3, 4);
        await answers.KeepAsync(key, new CachedAnswer(new byte[1_001], "t", "m", null, "p", "pm", null, TimeProvider.System.GetUtcNow().AddHours(1)), compressFrom);

        (await answers.FindAsync(key, most: 1_000, CancellationToken.None)).ShouldBe((null, false));

        var (found, _) = await answers.FindAsync(key, most: 1_001, CancellationToken.None);
        found!.Json.Length.ShouldBe(1_001);
        found.Tenant.ShouldBe("t");
    }

    [RedisFact]
    public async Task CallerWhoLeaves_StopsWaiting_AndNobodyElse()
    {
        await StartAsync(Gateway);
        var answers = Gateway.Services.GetRequiredService<RedisAnswers>();
        using var leaving = new CancellationTokenSource();
        _redis!.Suspend();
        var looking = answers.FindAsync(new CacheKey(1, 2, 3, 4), most: 1_000, leaving.Token).AsTask();

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(looking);
        await _redis.KillAsync();
        (await answers.FindAsync(new CacheKey(1, 2, 3, 4), most: 1_000, CancellationToken.None)).ShouldBe((null, true));
        await answers.RemoveAsync(new CacheKey(1, 2, 3, 4));
    }

    [RedisFact]
    public async Task AnswerThatCannotBeRead_IsAskedForAnew_AndReplaced()
    {
        await StartAsync();
        await AskAsync();
        var key = "";
        await Conditions.HoldsAsync(async () => (key = await _redis!.CliAsync("KEYS", Answers)).Length > 0);
        var redis = Gateway.Services.GetRequiredService<IRedis>();
        var kept = (await redis.ExecuteAsync("GET", [RedisArgument.Key(key)])).Bytes.ToArray();
        var head = kept[..(6 + BitConverter.ToInt32(kept, 2))];
        foreach (var broken in new[] { "", "{\"choices\":[", "[]", "{\"choices\":[{\"index\":0,\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"x\"}}]}" })
        {
            byte[] entry = [.. head, .. System.Text.Encoding.UTF8.GetBytes(broken)];
            await redis.ExecuteAsync("SET", [RedisArgument.Key(key), entry]);

            (await AskOtherAsync(fresh: true)).ShouldBe(("miss", Text));
            await Conditions.HoldsAsync(async () => await AskOtherAsync(fresh: true) == ("hit-redis", Text));
        }
    }

    private Task StartAsync() => StartAsync(Gateway, _other);

    private async Task StartAsync(params GatewayApplication[] gateways)
    {
        _redis ??= await RedisServer.StartAsync();
        foreach (var gateway in gateways)
        {
            // Long enough for a busy machine; what is waited for in operation is a matter of settings.
            gateway.WithOpenAI(Provider).With("Gateway:Redis:ConnectionString", _redis.Address).With("Gateway:Redis:CallTimeout", "30s");
            await Conditions.HoldsAsync(() => Task.FromResult(gateway.Http is not null && gateway.Services.GetRequiredService<CacheGenerations>().Known && gateway.Services.GetRequiredService<IRedis>().IsAvailable));
        }
    }

    private async Task<(string Cleared, bool AllReplicas)> ClearAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/cache" + query);
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        using var response = await Gateway.Http.SendAsync(request);
        var reply = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return (reply.GetProperty("cleared").GetString()!, reply.GetProperty("all_replicas").GetBoolean());
    }

    private async Task<(string Cache, string Text)> AskOtherAsync(string text = "Why?", bool fresh = false)
    {
        if (fresh)
        {
            _other.Services.GetRequiredService<MemoryAnswers>().RemoveAll(_ => true);
        }

        using var response = await _other.CompleteAsync(Request(text: text));
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return (response.Headers.GetValues("X-LlmOps-Cache").Single(), body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
    }
}
