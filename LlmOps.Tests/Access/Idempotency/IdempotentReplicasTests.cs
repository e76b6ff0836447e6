using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Three gateways, each a process of its own, on one Redis and one PostgreSQL: a request is answered once among them.</summary>
public sealed class IdempotentReplicasTests : ReplicatedTests
{
    private const int Duplicates = 100;

    private readonly Gate _gate = new();

    public IdempotentReplicasTests()
    {
        var answers = FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well"));
        Provider.Handler = request => answers(request).AfterWaitingFor(_gate.Opened);
    }

    public override async Task DisposeAsync()
    {
        _gate.Dispose();
        await base.DisposeAsync();
    }

    [ReplicasFact]
    public async Task HundredDuplicatesAtOnce_OverThreeProcesses_MakeOneCallAndGetOneAnswer()
    {
        foreach (var (streaming, calls) in new[] { (false, 1), (true, 2) })
        {
            var sent = Enumerable.Range(0, Duplicates).Select(number => SendAsync(number % Replicas, streaming)).ToArray();
            await Provider.WaitForAsync(() => Provider.Requests.Count == calls);
            _gate.Open();
            var replies = await Task.WhenAll(sent);

            replies.Select(reply => reply.Status).ShouldAllBe(status => status == 200);
            replies.Select(reply => reply.Body).Distinct().Count().ShouldBe(1);
            replies.Count(reply => !reply.IsReplayed).ShouldBe(1);
            replies.Select(reply => reply["X-LlmOps-Degraded"]).ShouldAllBe(degraded => degraded.Length == 0);
            Provider.Requests.Count.ShouldBe(calls);
        }

        // Each has its row; one of them has a call, and what it cost.
        await Conditions.HoldsAsync(async () => await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE outcome = 'ok'") == 2 * Duplicates);
        (await ScalarAsync("SELECT COUNT(*) FROM ledger_attempts")).ShouldBe(2);
        (await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE cost_nano > 0")).ShouldBe(2);
    }

    [ReplicasFact]
    public async Task ProcessThatIsKilledDuringTheCall_OneOfThoseWhoWaitMakesIt()
    {
        var lost = SendAsync(0, streaming: false);
        await Provider.WaitForAsync(() => Provider.Requests.Count == 1);
        var waiting = Enumerable.Range(1, 4).Select(number => SendAsync(1 + number % 2, streaming: false)).ToArray();

        await Gateways[0].KillAsync();
        await Should.ThrowAsync<HttpRequestException>(lost);
        await Provider.WaitForAsync(() => Provider.Requests.Count == 2);
        _gate.Open();

        var replies = await Task.WhenAll(waiting);
        replies.Select(reply => reply.Status).ShouldAllBe(status => status == 200);
        replies.Count(reply => !reply.IsReplayed).ShouldBe(1);
        Provider.Requests.Count.ShouldBe(2);
    }

    private Task<IdempotentReply> SendAsync(int replica, bool streaming) => Gateways[replica].Http.SendOnceAsync(
        $$"""{"model":"gpt-4o-mini","stream":{{(streaming ? "true" : "false")}},"max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}""", $"k-{streaming}", credential: AdministratorKey);
}
