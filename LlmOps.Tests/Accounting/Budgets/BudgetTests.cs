using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>Budgets of keys and of whom they belong to, over real sockets, counted in one process.</summary>
public sealed class BudgetTests : BudgetedTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BudgetFor37Requests_Serves37OfManyAtOnce_AndNeverOneMore(bool streaming)
    {
        var (id, key) = await Gateway.KeyAsync(37 * BudgetedGateway.Cost);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Gateway.OutcomeAsync(key, streaming)));

        outcomes.Count(outcome => outcome.Status == 200).ShouldBe(37);
        outcomes.Count(outcome => outcome is { Status: 429, Code: "insufficient_quota" }).ShouldBe(163);
        Fake.Requests.Count.ShouldBe(37);
        Gateway.Count(id).ShouldBe((0.37m, 0m));
        (await Gateway.LedgerAsync(id, 37)).ShouldBe(0.37m);
    }

    [Fact]
    public async Task Refusal_SaysWhoseBudgetWhatIsLeftAndWhenItBeginsAnew()
    {
        var (id, key) = await Gateway.KeyAsync(0.015m);
        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);

        using var response = await Gateway.AskAsync(key);

        var message = await response.Content.ReadAsStringAsync();
        message.ShouldContain($"The budget of key '{id}', 0.015 USD a day, has 0.005 USD left; this request may take 0.01 USD. It begins anew at ");
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    [Theory]
    [InlineData("tenant")]
    [InlineData("team")]
    [InlineData("user")]
    [InlineData("key")]
    public async Task BudgetsOfAllLevels_Hold(string level)
    {
        string Budget(string of) => $"\"budget\":{{\"usd\":{(of == level ? "0.01" : "1")},\"period\":\"month\"}}";
        await Gateway.AdministerAsync(HttpMethod.Put, "/admin/tenants/acme", $"{{{Budget("tenant")}}}");
        await Gateway.AdministerAsync(HttpMethod.Put, "/admin/teams/blue", $$"""{"tenant":"acme",{{Budget("team")}}}""");
        await Gateway.AdministerAsync(HttpMethod.Post, "/admin/users", $$"""{"username":"ann","password":"long-enough-password","tenant":"acme","team":"blue",{{Budget("user")}}}""");
        var created = await Gateway.AdministerAsync(HttpMethod.Post, "/admin/keys", $$"""{"name":"test","tenant":"acme","team":"blue","user":"ann",{{Budget("key")}}}""");
        var key = created.GetProperty("key").GetString()!;

        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);
        var refused = await Gateway.OutcomeAsync(key);

        refused.Code.ShouldBe("insufficient_quota");
        refused.Body.ShouldContain($"The budget of {level} '");
        (HolderKind, string)[] all = [(HolderKind.Tenant, "acme"), (HolderKind.Team, "blue"), (HolderKind.User, "ann"), (HolderKind.Key, created.GetProperty("id").GetString()!)];
        all.Select(holder => Gateway.Count(holder.Item2, holder.Item1, BudgetPeriod.Month)).ShouldBe([(0.01m, 0m), (0.01m, 0m), (0.01m, 0m), (0.01m, 0m)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallerThatLeaves_GivesBackWhatItDidNotTake(bool streaming)
    {
        var (id, key) = await Gateway.KeyAsync(1);
        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);
        Fake.Handler = _ => streaming ? FakeReply.Sse(FakeOpenAI.Chunks(BudgetedGateway.Answer).Take(2), done: false).ThenSilence() : FakeReply.Silence();
        using var leaving = new CancellationTokenSource();
        var asked = Fake.Requests.Count;
        var response = Gateway.AskAsync(key, streaming, cancellationToken: leaving.Token);
        await Conditions.HoldsAsync(() => Task.FromResult(Fake.Requests.Count > asked));
        Gateway.Count(id)!.Value.Held.ShouldBe(0.01m);
        if (streaming)
        {
            // Its first content is there.
            using var begun = await response;
            await using var body = await begun.Content.ReadAsStreamAsync();
            (await body.ReadAsync(new byte[16])).ShouldBeGreaterThan(0);
            leaving.Cancel();
        }
        else
        {
            leaving.Cancel();
            await Should.ThrowAsync<OperationCanceledException>(response);
        }

        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Count(id)!.Value.Held == 0));
        Gateway.Count(id)!.Value.Spent.ShouldBeInRange(0.01m, 0.02m);
        (await Gateway.LedgerAsync(id, 2)).ShouldBe(Gateway.Count(id)!.Value.Spent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ProviderThatFails_CostsNothing(bool streaming)
    {
        var (id, key) = await Gateway.KeyAsync(0.01m);
        Fake.Handler = _ => FakeOpenAI.Error(500, "down");

        (await Gateway.OutcomeAsync(key, streaming)).Status.ShouldBe(502);

        Gateway.Count(id).ShouldBe((0m, 0m));
        Fake.Handler = FakeOpenAI.Handler(_ => BudgetedGateway.Answer, GatewayApplication.ProviderKey);
        (await Gateway.OutcomeAsync(key, streaming)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task StreamThatBreaksOff_CostsWhatWasSeen()
    {
        var (id, key) = await Gateway.KeyAsync(1);
        Fake.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("four", "more")).Take(2), done: false);

        using var response = await Gateway.AskAsync(key, streaming: true);
        (await SseText.ReadAsync(response)).Done.ShouldBeFalse();

        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Count(id) == (0.001m, 0m)));
        (await Gateway.LedgerAsync(id, 1)).ShouldBe(0.001m);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerFromTheCache_CostsNothing(bool streaming)
    {
        var (id, key) = await Gateway.KeyAsync(0.02m);

        for (var count = 0; count < 3; count++)
        {
            using var response = await Gateway.AskAsync(key, streaming, cache: "exact");
            await response.Content.ReadAsByteArrayAsync();
            response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe(count == 0 ? "miss" : "hit-memory");
        }

        Gateway.Count(id).ShouldBe((0.01m, 0m));
    }

    [Fact]
    public async Task ModelThatHedges_IsReservedForTwice()
    {
        Gateway.With("Gateway:Models:pair:Targets:0:Provider", "openai").With("Gateway:Models:pair:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:pair:Targets:1:Provider", "offline").With("Gateway:Models:pair:Targets:1:Model", "offline")
            .With("Gateway:Models:pair:Targets:2:Provider", "openai").With("Gateway:Models:pair:Targets:2:Model", "gpt-4o")
            .With("Gateway:Models:pair:Hedging:Mode", "Delay").With("Gateway:Models:pair:Hedging:Delay", "30s");
        var body = BudgetedGateway.Request(model: "pair");
        var (_, key) = await Gateway.KeyAsync(0.019m);
        var (id, rich) = await Gateway.KeyAsync(0.02m);

        (await Gateway.OutcomeAsync(key, body: body)).Code.ShouldBe("insufficient_quota");
        (await Gateway.OutcomeAsync(rich, body: body)).Status.ShouldBe(200);
        Gateway.Count(id).ShouldBe((0.01m, 0m));
    }

    [Fact]
    public async Task AnotherAttempt_AfterOneThatCost_IsPaidForOrNotMade()
    {
        // The first is given up after it may have written its ten tokens: it is paid for, and so must the second be.
        Gateway.With("Gateway:Routing:MaxAttempts", "2").With("Gateway:Routing:TotalTimeout", "300ms")
            .With("Gateway:Models:pair:Targets:0:Provider", "openai").With("Gateway:Models:pair:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:pair:Targets:1:Provider", "openai").With("Gateway:Models:pair:Targets:1:Model", "gpt-4o");
        var body = BudgetedGateway.Request(model: "pair");
        var (id, key) = await Gateway.KeyAsync(0.019m);
        var (_, rich) = await Gateway.KeyAsync(0.02m);
        Fake.Handler = _ => FakeReply.Silence();

        (await Gateway.OutcomeAsync(key, body: body)).Code.ShouldBe("insufficient_quota");
        Fake.Requests.Count.ShouldBe(1);
        Gateway.Count(id).ShouldBe((0.01m, 0m));

        (await Gateway.OutcomeAsync(rich, body: body)).Status.ShouldBe(504);
        Fake.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task WhatEarlierProcessesSpent_IsKnown()
    {
        var (id, key) = await Gateway.KeyAsync(0.02m);
        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);
        (await Gateway.LedgerAsync(id, 1)).ShouldBe(0.01m);
        var spent = Gateway.Services.GetRequiredService<SpentInLedger>();
        var counter = new BudgetCounter(HolderKind.Key, id, BudgetPeriod.Total, DateOnly.MinValue);

        (await spent(counter, [])).Dollars.ShouldBe(0.01m);
        (await spent(counter with { Name = "another" }, [])).Dollars.ShouldBe(0);
    }

    [Theory]
    [InlineData("0.01", false, false)]
    [InlineData("1.034", false, true)]
    [InlineData("1.034", true, false)]
    [InlineData("2.058", true, true)]
    public async Task JudgeThatTheBudgetDoesNotPay_IsDoneWithout(string usd, bool hedges, bool isPaid)
    {
        if (hedges)
        {
            Gateway.With("Gateway:Models:judge:Targets:0:Provider", "openai").With("Gateway:Models:judge:Targets:0:Model", "gpt-4o")
                .With("Gateway:Models:judge:Targets:1:Provider", "openai").With("Gateway:Models:judge:Targets:1:Model", "gpt-4o")
                .With("Gateway:Models:judge:Hedging:Mode", "Delay").With("Gateway:Models:judge:Hedging:Delay", "30s");
        }

        // Between the two questions stands a judge, whose answer of up to 1024 tokens costs more than what is left.
        Gateway.With("Gateway:Caching:Semantic:Mode", "On").With("Gateway:Caching:Semantic:Verifier", "Judge").With("Gateway:Caching:Semantic:JudgeModel", hedges ? "judge" : "gpt-4o")
            .With("Gateway:Caching:Semantic:Threshold", "0.1").With("Gateway:Caching:Semantic:JudgeTimeout", "30s");
        Fake.Handler = FakeOpenAI.Handler(request => request.Json.GetProperty("messages").GetArrayLength() == 2 ? FakeAnswer.Text("same") with { Usage = new FakeUsage(100, 1) } : BudgetedGateway.Answer, GatewayApplication.ProviderKey);
        var (_, free) = await Gateway.KeyAsync(null);
        var (id, key) = await Gateway.KeyAsync(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture));
        static string Ask(string text) => $$"""{"model":"gpt-4o","max_tokens":10,"messages":[{"role":"user","content":"{{text}}"}]}""";
        using var known = await Gateway.AskAsync(free, body: Ask("How do I get from Berlin to Hamburg?"), cache: "semantic");

        using var response = await Gateway.AskAsync(key, body: Ask("What is the way to travel from Berlin to Hamburg?"), cache: "semantic");

        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe(isPaid ? "hit-semantic" : "miss");
        Fake.Requests.Count.ShouldBe(2);
        Gateway.Count(id).ShouldBe((isPaid ? 0.001m : 0.01m, 0m));
        var statistics = Gateway.Services.GetRequiredService<LlmOps.Gateway.Telemetry.RequestStatistics>();
        await Conditions.HoldsAsync(() => Task.FromResult(statistics.Requests >= 2 && statistics.CostNano == (isPaid ? 11_000_000 : 20_000_000)));
    }
}
