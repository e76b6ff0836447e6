using System.Net;
using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Routing;

/// <summary>Keys of a provider: in turn, resting, set aside; never another provider's.</summary>
public sealed class KeyTests : TwoTargetTests
{
    [Fact]
    public async Task KeyThatIsNotAccepted_IsSetAsideAndAnotherTaken()
    {
        Gateway.With("Gateway:Providers:first:ApiKey", "sk-bad, sk-good");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-good");

        for (var request = 0; request < 4; request++)
        {
            using var response = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        First.Requests.Count(request => request.Headers["Authorization"].ToString().EndsWith("sk-bad", StringComparison.Ordinal)).ShouldBe(1);
        Second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task KeyOverItsRateWithoutAHint_IsFollowedByAnotherOne()
    {
        Gateway.With("Gateway:Providers:first:ApiKey", "sk-busy,sk-free").With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = request => request.Headers["Authorization"].ToString().EndsWith("sk-busy", StringComparison.Ordinal)
            ? FakeOpenAI.Error(429, "slow down")
            : FakeOpenAI.Handler(_ => Answer)(request);
        for (var request = 0; request < 4; request++)
        {
            using var response = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            int.Parse(Header(response, "X-LlmOps-Attempts"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(2);
        }
    }

    [Fact]
    public async Task ManyBadKeys_LeaveAttemptsForTheNextTarget()
    {
        Gateway.With("Gateway:Providers:first:ApiKey", "sk-1,sk-2,sk-3,sk-4,sk-5,sk-6,sk-7,sk-8").With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = _ => FakeOpenAI.Error(401, "no");

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("6");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
    }

    [Fact]
    public async Task Keys_AreUsedInTurn()
    {
        Gateway.With("Gateway:Providers:second:ApiKey", "sk-1,sk-2, sk-3");
        Second.Handler = FakeOpenAI.Handler(_ => Answer);
        for (var request = 0; request < 6; request++)
        {
            using var response = await Gateway.CompleteAsync(Request(false, "second/gpt-4o"));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Second.Requests.CountBy(request => request.Headers["Authorization"].ToString()).Select(key => key.Value).ShouldBe([2, 2, 2]);
    }

    [Fact]
    public async Task KeyOfOneProvider_IsNeverSentToAnother()
    {
        // Its slot goes to the request that waits for it, between its two keys: it has to go to the next target.
        using var gate = new Gate();
        Gateway.With("Gateway:Providers:first:ApiKey", "sk-1,sk-2");
        foreach (var model in (string[])["chain", "alone"])
        {
            Gateway.With($"Gateway:Models:{model}:Targets:0:MaxConcurrency", "1");
        }

        First.Handler = _ => FakeOpenAI.Error(401, "no").AfterWaitingFor(gate.Opened);
        var first = AskAsync(streaming: false);
        await First.NextRequestAsync();
        var waiting = Gateway.CompleteAsync(Request(false, "alone"));
        var slots = Gateway.Services.GetRequiredService<GatewayConfiguration>().Current.Models.Resolve("chain").Route.Target.Slots!;
        await Conditions.HoldsAsync(() => Task.FromResult(slots.GetStatistics()!.CurrentQueuedCount == 1));

        gate.Open();

        using var answered = await first;
        using var refused = await waiting;
        Header(answered, "X-LlmOps-Provider").ShouldBe("second");
        Second.Requests.ShouldAllBe(request => request.Headers["Authorization"].ToString() == "Bearer sk-second");
    }
}
