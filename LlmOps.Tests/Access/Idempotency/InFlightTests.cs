using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Requests that come while one with their idempotency key is being answered.</summary>
public sealed class InFlightTests : GatewayTests
{
    private const int Followers = 5;

    private readonly Func<ReceivedRequest, FakeReply> _answers = FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheyWait_AndAreGivenItsAnswer(bool streaming)
    {
        using var gate = new Gate();
        Fake.Handler = request => _answers(request).AfterWaitingFor(gate.Opened);
        var leader = Gateway.SendOnceAsync(Request(streaming));
        await Fake.NextRequestAsync();
        var followers = await FollowAsync(streaming);

        gate.Open();

        var first = await leader;
        first.IsReplayed.ShouldBeFalse();
        foreach (var reply in await Task.WhenAll(followers))
        {
            (reply.Status, reply.IsReplayed, reply.Body).ShouldBe((200, true, first.Body));
        }

        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task AnotherBody_Is409AtOnce()
    {
        using var gate = new Gate();
        Fake.Handler = request => _answers(request).AfterWaitingFor(gate.Opened);
        var leader = Gateway.SendOnceAsync(Request(streaming: false));
        await Fake.NextRequestAsync();

        var other = await Gateway.SendOnceAsync(Request(streaming: true));

        (other.Status, other.ErrorCode).ShouldBe((409, "idempotency_key_reused"));
        gate.Open();
        (await leader).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhereItFails_OneOfThemIsAnswered_AndTheOthersWaitForThat(bool streaming)
    {
        using var gate = new Gate();
        using var second = new Gate();
        Fake.Enqueue(FakeOpenAI.Error(500, "It failed.").AfterWaitingFor(gate.Opened));
        Fake.Handler = request => _answers(request).AfterWaitingFor(second.Opened);
        var leader = Gateway.SendOnceAsync(Request(streaming));
        await Fake.NextRequestAsync();
        var followers = await FollowAsync(streaming);

        gate.Open();
        await Fake.NextRequestAsync();
        await Gateway.WaitingAsync(Followers - 1);
        second.Open();

        (await leader).Status.ShouldBe(502);
        var replies = await Task.WhenAll(followers);
        replies.Count(reply => reply.IsReplayed).ShouldBe(Followers - 1);
        replies.Select(reply => reply.Body).Distinct().Count().ShouldBe(1);
        Fake.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhereItsCallerLeaves_TheCallEnds_AndTheNextIsAnswered(bool streaming)
    {
        Fake.Enqueue(FakeReply.Silence());
        Fake.Handler = _answers;
        using var caller = new CancellationTokenSource();
        var leader = Gateway.SendOnceAsync(Request(streaming), cancellationToken: caller.Token);
        var received = await Fake.NextRequestAsync();
        var followers = await FollowAsync(streaming);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(leader);
        await received.ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        var replies = await Task.WhenAll(followers);
        replies.Select(reply => reply.Status).ShouldAllBe(status => status == 200);
        replies.Count(reply => reply.IsReplayed).ShouldBe(Followers - 1);
        Fake.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task WhoeverWaits_WaitsNoLongerThanItsTime()
    {
        using var gate = new Gate();
        Fake.Handler = request => _answers(request).AfterWaitingFor(gate.Opened);
        var leader = Gateway.SendOnceAsync(Request(streaming: false));
        await Fake.NextRequestAsync();

        var late = await Gateway.SendOnceAsync(Request(streaming: false), timeout: "0.3");

        (late.Status, late.ErrorCode).ShouldBe((504, "deadline_exceeded"));
        gate.Open();
        (await leader).Status.ShouldBe(200);
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task WhoeverWaitsAndLeaves_LeavesTheOthersAlone()
    {
        using var gate = new Gate();
        using var caller = new CancellationTokenSource();
        Fake.Handler = request => _answers(request).AfterWaitingFor(gate.Opened);
        var leader = Gateway.SendOnceAsync(Request(streaming: false));
        await Fake.NextRequestAsync();
        var waiting = Gateway.SendOnceAsync(Request(streaming: false), cancellationToken: caller.Token);
        await Gateway.WaitingAsync(1);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting);
        await Gateway.WaitingAsync(0);
        gate.Open();
        (await leader).Status.ShouldBe(200);
    }

    private async Task<Task<IdempotentReply>[]> FollowAsync(bool streaming)
    {
        var followers = Enumerable.Range(0, Followers).Select(_ => Gateway.SendOnceAsync(Request(streaming))).ToArray();
        await Gateway.WaitingAsync(Followers);
        return followers;
    }
}
