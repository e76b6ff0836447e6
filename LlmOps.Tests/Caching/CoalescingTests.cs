using System.Net;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Caching;

/// <summary>Identical requests that are on their way at the same time share one call, and none of them depends on another.</summary>
public sealed class CoalescingTests : CacheTests
{
    private readonly Gate _gate = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AThousandAtOnce_MakeOneCall(bool streaming)
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);

        var asked = Enumerable.Range(0, 1000).Select(_ => AskAsync(streaming)).ToList();
        await Provider.NextRequestAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting >= 900 || asked.Exists(one => one.IsCompleted)));
        _gate.Open();
        var answers = await Task.WhenAll(asked);

        answers.ShouldAllBe(one => one.Status == 200 && one.Complete && one.Text == Text && one.Id == answers[0].Id);
        Provider.Requests.Count.ShouldBe(1);
        answers.Count(one => one.Cache == "miss").ShouldBe(1);
        answers.ShouldAllBe(one => one.Cache == "miss" || one.Cache == "coalesced" || one.Cache == "hit-memory");
        await PaidOnceAsync(lines: 1000, "ok");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeaderThatLeaves_FailsNobody(bool streaming)
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        using var leader = new CancellationTokenSource();
        var led = Gateway.CompleteAsync(Request(streaming), streaming, leader.Token);
        await Provider.NextRequestAsync();
        var followers = Enumerable.Range(0, 5).Select(_ => AskAsync(streaming)).ToList();
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 6));

        await leader.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => led);
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 5));
        _gate.Open();

        (await Task.WhenAll(followers)).ShouldAllBe(one => one.Status == 200 && one.Complete && one.Text == Text && one.Cache == "coalesced");

        // The call is still the leader's, and is paid by nobody else.
        await PaidOnceAsync(lines: 6, "client_closed_request");
        Provider.Requests.Count.ShouldBe(1);
        (await AskAsync(streaming)).Cache.ShouldBe("hit-memory");
    }

    [Fact]
    public async Task LeaderThatLeavesMidway_LeavesTheStreamToTheOthers()
    {
        Provider.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(3), done: false).ThenWaitFor(_gate.Opened)
            .Pieces([.. FakeOpenAI.Chunks(Answer).Skip(3).Append("[DONE]").Select(data => System.Text.Encoding.UTF8.GetBytes($"data: {data}\n\n"))]);
        using var leader = new CancellationTokenSource();
        using var led = await Gateway.CompleteAsync(Request(true), stream: true, leader.Token);
        var follower = AskAsync(streaming: true);
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 2));

        await leader.CancelAsync();
        led.Dispose();
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 1));
        _gate.Open();

        var answer = await follower;
        (answer.Complete, answer.Text, answer.Cache).ShouldBe((true, Text, "coalesced"));
        Provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhenAllHaveLeft_TheCallEnds(bool streaming)
    {
        Provider.Handler = _ => FakeReply.Silence();
        using var callers = new CancellationTokenSource();
        var asked = Enumerable.Range(0, 3).Select(_ => Gateway.CompleteAsync(Request(streaming), streaming, callers.Token)).ToList();
        var received = await Provider.NextRequestAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 3));

        await callers.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        foreach (var one in asked)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => one);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestsThatMayNotReadTheCache_AreNeverShared(bool streaming)
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);

        var asked = new[] { AskAsync(streaming), AskAsync(streaming, headers: ("Cache-Control", "no-cache")), AskAsync(streaming, headers: ("Cache-Control", "no-store")), AskAsync(streaming, fields: "\"temperature\":0.5") };
        await Provider.WaitForAsync(() => Provider.Requests.Count == 4);
        _gate.Open();

        (await Task.WhenAll(asked)).ShouldAllBe(one => one.Status == 200 && one.Cache != "coalesced");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ShortTimeOfOne_IsNotTheOthers(bool streaming)
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        var hurried = AskAsync(streaming, headers: ("X-LlmOps-Timeout", "2"));
        await Provider.NextRequestAsync();
        var patient = AskAsync(streaming);
        await Provider.NextRequestAsync();
        (await hurried).Status.ShouldBe((int)HttpStatusCode.GatewayTimeout);
        var third = AskAsync(streaming);
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 2));
        _gate.Open();

        (await Task.WhenAll(patient, third)).Select(one => (one.Status, one.Complete, one.Text, one.Cache)).ShouldBe([(200, true, Text, "miss"), (200, true, Text, "coalesced")]);
        Provider.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LongTime_IsNotCutToTheUsual(bool streaming)
    {
        Gateway.With("Gateway:Routing:RequestTimeout", "2s");
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        var patient = AskAsync(streaming, headers: ("X-LlmOps-Timeout", "1000"));
        await Provider.NextRequestAsync();

        // It joins, and its own time is over while the other one waits on.
        (await AskAsync(streaming)).Status.ShouldBe((int)HttpStatusCode.GatewayTimeout);
        _gate.Open();

        (await patient).Text.ShouldBe(Text);
        Provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ProviderThatHangs_IsLeftAlone_ThoughItsCallersHaveLittleTime(bool streaming)
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "3").With("Gateway:Routing:Breaker:SlowCallDuration", "50ms").With("Gateway:Routing:Breaker:Cooldown", "1h");
        Provider.Handler = _ => FakeReply.Silence();
        for (var number = 0; number < 3; number++)
        {
            (await AskAsync(streaming, headers: ("X-LlmOps-Timeout", "0.2"))).Status.ShouldBe((int)HttpStatusCode.GatewayTimeout);
        }

        (await AskAsync(streaming, headers: ("X-LlmOps-Timeout", "0.2"))).Status.ShouldBe((int)HttpStatusCode.ServiceUnavailable);
        Provider.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FollowersShortTime_EndsItAlone(bool streaming)
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        var leader = AskAsync(streaming);
        await Provider.NextRequestAsync();

        var follower = await AskAsync(streaming, headers: ("X-LlmOps-Timeout", "0.2"));
        _gate.Open();

        follower.Status.ShouldBe((int)HttpStatusCode.GatewayTimeout);
        (await leader).Text.ShouldBe(Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_IsEverybodys_AndIsNotKept(bool streaming)
    {
        Provider.Enqueue(FakeOpenAI.Error(500, "down").AfterWaitingFor(_gate.Opened));
        var asked = Enumerable.Range(0, 3).Select(_ => AskAsync(streaming)).ToList();
        await Provider.NextRequestAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 3));
        _gate.Open();

        (await Task.WhenAll(asked)).ShouldAllBe(one => one.Status == 502);
        var statistics = Gateway.Services.GetRequiredService<CacheStatistics>();
        (statistics.Misses, statistics.Coalesced).ShouldBe((3, 0));
        Gateway.Logs.Requests.ShouldAllBe(line => line.State["CacheEvent"] == null);
        (await AskAsync(streaming)).Status.ShouldBe(200);
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Usage_IsToldToThoseWhoAskForIt()
    {
        var answer = Provider.Handler;
        Provider.Handler = request => answer(request).AfterWaitingFor(_gate.Opened);
        const string WithUsage = "\"temperature\":0,\"stream_options\":{\"include_usage\":true}";
        var asked = new[] { AskAsync(true), AskAsync(true, WithUsage), AskAsync(true), AskAsync(true, WithUsage) };
        await Provider.WaitForAsync(() => Provider.Requests.Count == 2);
        await Conditions.HoldsAsync(() => Task.FromResult(Waiting == 4));
        _gate.Open();

        (await Task.WhenAll(asked)).Select(one => one.Usage is not null).ShouldBe([false, true, false, true]);
        Provider.Requests.Count.ShouldBe(2);
    }

    public override async Task DisposeAsync()
    {
        _gate.Dispose();
        await base.DisposeAsync();
    }

    // What the call cost stands on one line, and each of the others saved as much.
    private async Task PaidOnceAsync(int lines, string outcome)
    {
        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == lines));
        var told = Gateway.Logs.Requests.Select(line => line.State).ToList();
        var paid = told.Single(line => line["CostUsd"] is decimal and > 0);
        paid["Outcome"].ShouldBe(outcome);
        told.Where(line => line != paid).ShouldAllBe(line => (decimal)line["CostUsd"]! == 0 && (decimal)line["SavedUsd"]! == (decimal)paid["CostUsd"]!);
    }

    private int Waiting => Gateway.Services.GetRequiredService<IChatClient>().GetService<CoalescingChatClient>()!.Waiting;
}
