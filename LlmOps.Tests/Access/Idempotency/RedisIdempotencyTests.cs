using System.Globalization;
using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Two replicas on one Redis, which may be away.</summary>
public sealed class RedisIdempotencyTests : IAsyncLifetime
{
    private const string Names = "llmops:idempotency:*";
    private const string Plain = """{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""";
    private const string Stream = """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly Func<ReceivedRequest, FakeReply> _answers = FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well"));
    private readonly FakeServer _provider = new();
    private readonly GatewayApplication[] _gateways = [new(), new()];
    private readonly Gate _gate = new();
    private RedisServer? _redis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _gate.Dispose();
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await _provider.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [RedisTheory]
    [InlineData(Plain)]
    [InlineData(Stream)]
    public async Task OneMakesTheCall_TheOtherWaitsForItsAnswer_WhichIsKeptForADay(string json)
    {
        await StartAsync();
        _provider.Handler = request => _answers(request).AfterWaitingFor(_gate.Opened);
        var first = _gateways[0].SendOnceAsync(json);
        await _provider.NextRequestAsync();
        var second = _gateways[1].SendOnceAsync(json);
        var third = _gateways[1].SendOnceAsync(json);
        await _gateways[1].WaitingAsync(1);

        _gate.Open();

        var answer = await first;
        foreach (var reply in new[] { await second, await third, await _gateways[1].SendOnceAsync(json) })
        {
            (reply.Status, reply.IsReplayed, reply.Body, reply["Content-Type"]).ShouldBe((200, true, answer.Body, answer["Content-Type"]));
            reply["X-LlmOps-Degraded"].ShouldBeEmpty();
        }

        _provider.Requests.Count.ShouldBe(1);
        var left = long.Parse(await _redis!.CliAsync("PTTL", await _redis.CliAsync("KEYS", Names)), CultureInfo.InvariantCulture);
        TimeSpan.FromMilliseconds(left).ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24));
    }

    [RedisFact]
    public async Task AnotherBody_Is409_WhileTheFirstIsInFlightAndAfter()
    {
        await StartAsync();
        _provider.Handler = request => _answers(request).AfterWaitingFor(_gate.Opened);
        var first = _gateways[0].SendOnceAsync(Plain);
        await _provider.NextRequestAsync();

        var meanwhile = await _gateways[1].SendOnceAsync(Stream);
        _gate.Open();
        (await first).Status.ShouldBe(200);
        var after = await _gateways[1].SendOnceAsync(Stream);

        (meanwhile.Status, meanwhile.ErrorCode).ShouldBe((409, "idempotency_key_reused"));
        (after.Status, after.ErrorCode).ShouldBe((409, "idempotency_key_reused"));
    }

    [RedisFact]
    public async Task WhereTheOneFails_TheOtherMakesTheCall()
    {
        await StartAsync();
        _provider.Enqueue(FakeOpenAI.Error(500, "down").AfterWaitingFor(_gate.Opened));
        _provider.Handler = _answers;
        var first = _gateways[0].SendOnceAsync(Plain);
        await _provider.NextRequestAsync();
        var second = _gateways[1].SendOnceAsync(Plain);

        _gate.Open();

        (await first).Status.ShouldBe(502);
        ((await second).Status, (await second).IsReplayed).ShouldBe((200, false));
        _provider.Requests.Count.ShouldBe(2);
    }

    [RedisFact]
    public async Task Failure_LeavesNothingInRedis()
    {
        await StartAsync();
        _provider.Handler = _ => FakeOpenAI.Error(500, "down");

        (await _gateways[0].SendOnceAsync(Plain)).Status.ShouldBe(502);

        (await _redis!.CliAsync("KEYS", Names)).ShouldBeEmpty();
    }

    [RedisFact]
    public async Task WithoutRedis_EachReplicaKnowsItsOwn_AndSaysSo()
    {
        await StartAsync();
        _provider.Handler = _answers;
        await _redis!.KillAsync();

        IdempotentReply[] replies = [await _gateways[0].SendOnceAsync(Plain), await _gateways[0].SendOnceAsync(Plain), await _gateways[1].SendOnceAsync(Plain)];

        replies.Select(reply => reply.Status).ShouldBe([200, 200, 200]);
        replies.Select(reply => reply.IsReplayed).ShouldBe([false, true, false]);
        replies[0]["X-LlmOps-Degraded"].ShouldBe("redis");
        replies[2]["X-LlmOps-Degraded"].ShouldBe("redis");
        _provider.Requests.Count.ShouldBe(2);
    }

    [RedisFact]
    public async Task RedisThatGoesDuringTheCall_TakesNoAnswerAway()
    {
        await StartAsync();
        _provider.Handler = request => _answers(request).AfterWaitingFor(_gate.Opened);
        var first = _gateways[0].SendOnceAsync(Plain);
        await _provider.NextRequestAsync();
        await _redis!.KillAsync();

        _gate.Open();

        var reply = await first;
        (reply.Status, reply["X-LlmOps-Degraded"]).ShouldBe((200, "redis"));
        (await _gateways[0].SendOnceAsync(Plain)).IsReplayed.ShouldBeTrue();
    }

    private async Task StartAsync()
    {
        _redis = await RedisServer.StartAsync();
        foreach (var gateway in _gateways)
        {
            // Its deadline is that of a machine which has other things to do.
            gateway.WithOpenAI(_provider).With("ConnectionStrings:redis", _redis.Address).With("Gateway:Redis:CallTimeout", "30s");
            await Conditions.HoldsAsync(async () =>
                JsonElement.Parse(await gateway.Http.GetStringAsync("/health")).GetProperty("dependencies").GetProperty("redis").GetProperty("description").GetString() == "up");
        }
    }
}
