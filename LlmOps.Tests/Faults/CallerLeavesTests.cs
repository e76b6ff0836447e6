using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;
using LlmOps.Tests.Routing;

namespace LlmOps.Tests.Faults;

/// <summary>At every protocol, a caller who leaves ends the call to the provider, and starts no further one.</summary>
public sealed class CallerLeavesTests : TwoTargetTests
{
    public static TheoryData<string, bool> ProtocolsAndModes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var protocol in TestedProvider.Protocols)
            {
                data.Add(protocol.Name, false);
                data.Add(protocol.Name, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task WhileWaiting(string protocol, bool streaming)
    {
        FirstIs(TestedProvider.Named(protocol), First.BaseAddress);
        First.Handler = _ => FakeReply.Silence();
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync(Request(streaming), streaming, caller.Token);
        var received = await First.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        await HasLeftAsync(answer);
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task BetweenAttempts(string protocol, bool streaming)
    {
        // Nobody else could serve, so the asked time is waited for; the caller does not.
        var provider = TestedProvider.Named(protocol);
        FirstIs(provider, First.BaseAddress);
        Gateway.With("Gateway:Routing:TriesPerTarget", "2");
        First.Handler = _ => provider.Error(503, "Busy").Header("Retry-After", "8");
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync(Request(streaming, "alone"), streaming, caller.Token);
        await First.NextRequestAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(CallsInFlight == 0));

        await caller.CancelAsync();

        await HasLeftAsync(answer);
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task InTheMiddleOfTheAnswer(string protocol, bool streaming)
    {
        var provider = TestedProvider.Named(protocol);
        FirstIs(provider, First.BaseAddress);
        First.Handler = _ => streaming ? provider.Begun().ThenSilence() : FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{").ThenSilence();
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync(Request(streaming), streaming, caller.Token);
        var received = await First.NextRequestAsync();
        if (streaming)
        {
            // It has content by now.
            (await answer).Dispose();
        }

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        await HasLeftAsync(streaming ? null : answer);
    }

    private async Task HasLeftAsync(Task? answer)
    {
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        if (answer is not null)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => answer);
        }

        (First.Requests.Count, Second.Requests.Count).ShouldBe((1, 0));
        CallsInFlight.ShouldBe(0);
    }
}
