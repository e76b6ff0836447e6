using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Telemetry.Delivery;

/// <summary>
/// A sink fails in one way after the other while requests come: none of them fails, and afterwards each is there at least once, or counted
/// as dropped. <c>benchmarks/run.sh sinks</c> is the long form.
/// </summary>
public sealed class SinkOutageTests : IAsyncLifetime
{
    private const int RequestsInAPhase = 25;

    private readonly FakeServer _provider = new(FakeOpenAI.Handler(FakeAnswer.Text("Hel", "lo"), GatewayApplication.ProviderKey));
    private readonly GatewayApplication _gateway = new();
    private int _asked;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("2.95.11", true)]
    [InlineData("2.95.11", false)]
    [InlineData("3.22.0", true)]
    [InlineData("3.22.0", false)]
    public async Task SinkThatFailsInEveryWay_FailsNoRequest_AndHasEachThatIsNotCountedAsDropped(string version, bool streaming)
    {
        await using var langfuse = new FailingLangfuse(version);
        var delivery = Start(langfuse);

        await AskAsync(streaming);
        await HoldsAsync(() => delivery.Counts.Delivered == _asked);
        langfuse.BeDown();
        await AskAsync(streaming);
        await HoldsAsync(() => delivery.Fault is not null && delivery.Spooled > 0);
        langfuse.BeSilent();
        await AskAsync(streaming);
        await HoldsAsync(() => langfuse.Answers > 1);
        langfuse.RefuseSome();
        await AskAsync(streaming);
        await HoldsAsync(() => delivery.Counts.AllDropped > 1);
        langfuse.TakeLittle();
        await AskAsync(streaming);
        await HoldsAsync(() => langfuse.Answers > 1);
        langfuse.TalkNonsense();
        await AskAsync(streaming);
        await HoldsAsync(() => langfuse.Answers > 3);
        langfuse.BeWell();
        await AskAsync(streaming);
        await HoldsAsync(() => delivery is { Waiting: 0, Spooled: 0 } && delivery.Counts.Delivered + delivery.Counts.AllDropped == _asked);

        delivery.Fault.ShouldBeNull();
        delivery.Counts.Dropped.Keys.ShouldBe([SinkCounts.Rejected]);
        (langfuse.Traces.Count + delivery.Counts.AllDropped).ShouldBe(_asked);
    }

    private static Task HoldsAsync(Func<bool> condition) => Conditions.HoldsAsync(() => Task.FromResult(condition()));

    private SinkDelivery Start(FailingLangfuse langfuse)
    {
        _gateway.WithOpenAI(_provider)
            .With("Gateway:Telemetry:Langfuse:Host", langfuse.Server.BaseAddress.ToString())
            .With("Gateway:Telemetry:Langfuse:PublicKey", FakeLangfuse.PublicKey)
            .With("Gateway:Telemetry:Langfuse:SecretKey", FakeLangfuse.SecretKey)
            .With("Gateway:Telemetry:Delivery:BatchEvents", "10")
            .With("Gateway:Telemetry:Delivery:Interval", "1ms")
            .With("Gateway:Telemetry:Delivery:Timeout", "1s")
            .With("Gateway:Telemetry:Delivery:Backoff", "1ms")
            .With("Gateway:Telemetry:Delivery:MaxBackoff", "20ms")
            .With("Gateway:Telemetry:Delivery:Duty", "1");
        _gateway.Http.ShouldNotBeNull();
        return _gateway.Services.GetRequiredService<Sinks>().All.Single(delivery => delivery.Name == "langfuse");
    }

    private async Task AskAsync(bool streaming)
    {
        for (var request = 0; request < RequestsInAPhase; request++)
        {
            using var response = await _gateway.CompleteAsync(
                $$"""{"model":"gpt-4o-mini","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"No. {{++_asked}}"}]}""", streaming);
            var body = await response.Content.ReadAsStringAsync();
            ((int)response.StatusCode, body.Contains(streaming ? "[DONE]" : "\"Hello\"", StringComparison.Ordinal)).ShouldBe((200, true), body);
        }
    }
}
