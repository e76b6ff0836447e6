using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>What is reserved of a budget where a price, or the most that a request takes, is not known.</summary>
public sealed class BudgetPriceTests : BudgetedTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ModelWithoutAPrice_IsRefusedUnlessItIsAllowed(bool allowed)
    {
        Gateway.With("Gateway:Accounting:AllowUnpriced", allowed ? "true" : "false");
        var (_, key) = await Gateway.KeyAsync(1);
        var (_, free) = await Gateway.KeyAsync(null);
        var body = BudgetedGateway.Request(model: "openai/no-such-model");

        var outcome = await Gateway.OutcomeAsync(key, body: body);

        (outcome.Status, outcome.Code).ShouldBe(allowed ? (200, null) : (403, "model_unpriced"));
        (await Gateway.OutcomeAsync(free, body: body)).Status.ShouldBe(200);
        (await Gateway.OutcomeAsync(key, body: BudgetedGateway.Request(model: "offline"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServiceTierWithoutAPrice_CostsABudgetWhatWasReserved(bool streaming)
    {
        Fake.Handler = FakeOpenAI.Handler(_ => BudgetedGateway.Answer with { Usage = new FakeUsage(19, 1), ServiceTier = "scale" }, GatewayApplication.ProviderKey);
        var (id, key) = await Gateway.KeyAsync(0.01m);
        var (_, free) = await Gateway.KeyAsync(null);

        using var unbound = await Gateway.AskAsync(free);
        using var answer = await Gateway.AskAsync(key, streaming);
        await answer.Content.ReadAsByteArrayAsync();

        unbound.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("unpriced");
        if (!streaming)
        {
            answer.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0.01");
            answer.Headers.Contains("X-LlmOps-Cost-Estimated").ShouldBeTrue();
        }

        Gateway.Count(id).ShouldBe((0.01m, 0m));
        (await Gateway.LedgerAsync(id, 1)).ShouldBe(0.01m);
        (await Gateway.OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");
    }

    [Fact]
    public async Task TargetWithoutAPrice_IsLeftOut()
    {
        Gateway.With("Gateway:Models:pair:Targets:0:Provider", "openai").With("Gateway:Models:pair:Targets:0:Model", "no-such-model")
            .With("Gateway:Models:pair:Targets:1:Provider", "openai").With("Gateway:Models:pair:Targets:1:Model", "gpt-4o");
        var (_, key) = await Gateway.KeyAsync(1);

        (await Gateway.OutcomeAsync(key, body: BudgetedGateway.Request(model: "pair"))).Status.ShouldBe(200);

        Fake.Requests.Single().Json.GetProperty("model").GetString().ShouldBe("gpt-4o");
    }

    [Fact]
    public async Task WithoutMaxTokens_TheModelsMostIsReserved()
    {
        var (_, key) = await Gateway.KeyAsync(0.099m);
        var (_, rich) = await Gateway.KeyAsync(0.1m);
        var body = BudgetedGateway.Request(more: "\"seed\":1");

        (await Gateway.OutcomeAsync(key, body: body)).Code.ShouldBe("insufficient_quota");
        (await Gateway.OutcomeAsync(rich, body: body)).Status.ShouldBe(200);
        (await Gateway.OutcomeAsync(rich, body: BudgetedGateway.Request(more: "\"max_tokens\":10,\"n\":10"))).Code.ShouldBe("insufficient_quota");
    }
}
