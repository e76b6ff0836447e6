using LlmOps.Gateway.Functions;
using LlmOps.Tests.Accounting.Budgets;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>What rounds with tools cost, who pays for them, and what is recorded of them.</summary>
public sealed class FunctionAccountingTests : BudgetedTests
{
    private readonly FakeTools _tools = new();
    private readonly CollectingSink _sink = new();
    private int _asked = -1;

    public FunctionAccountingTests() => Gateway
        .With("Gateway:Telemetry:Delivery:Interval", "1ms")
        .WithTools(_tools)
        .WithServices(services => services.AddSingleton(new SinkSource(_ => _sink)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EachRound_IsACallOfTheRequest_PaidAndRecorded(bool streaming)
    {
        _tools.WithSum();
        Script(FakeAnswer.Calls(Call("call_1")), FakeAnswer.Calls(Call("call_2")), BudgetedGateway.Answer);
        var (id, key) = await Gateway.KeyAsync(1);

        using (var response = await Gateway.AskAsync(key, streaming))
        {
            (await response.Content.ReadAsStringAsync()).ShouldContain(streaming ? "lo" : "Hello");
            if (!streaming)
            {
                response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldStartWith("0.03");
                response.Headers.GetValues("X-LlmOps-Attempts").Single().ShouldBe("3");
            }
        }

        Gateway.Count(id).ShouldBe((0.03m, 0m));
        (await Gateway.LedgerAsync(id, 1)).ShouldBe(0.03m);
        var row = (await _sink.RequestsAsync(1))[0].Request;
        (row.InputTokens, row.OutputTokens, row.Outcome, row.Cost!.Value.Dollars).ShouldBe((57, 30, "ok", 0.03m));
        row.Attempts.Select(attempt => (attempt.Outcome, attempt.InputTokens, attempt.OutputTokens)).ShouldBe([("ok", 19, 10), ("ok", 19, 10), ("ok", 19, 10)]);
        var stats = System.Text.Json.JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats"));
        (stats.GetProperty("retries").GetInt64(), stats.GetProperty("input_tokens").GetInt64(), stats.GetProperty("output_tokens").GetInt64()).ShouldBe((0, 57, 30));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BudgetThatEndsInTheMiddle_EndsTheRequest_AndNothingMoreIsCalled(bool streaming)
    {
        _tools.WithSum();
        Script(FakeAnswer.Calls(Call("call_1")), FakeAnswer.Calls(Call("call_2")), BudgetedGateway.Answer);
        var (id, key) = await Gateway.KeyAsync(2 * BudgetedGateway.Cost);

        var refused = await Gateway.OutcomeAsync(key, streaming);

        (refused.Status, refused.Code).ShouldBe((429, "insufficient_quota"));
        Fake.Requests.Count.ShouldBe(2);
        Gateway.Count(id).ShouldBe((0.02m, 0m));
        (await Gateway.LedgerAsync(id, 1)).ShouldBe(0.02m);
        var row = (await _sink.RequestsAsync(1))[0].Request;
        (row.InputTokens, row.OutputTokens, row.Cost!.Value.Dollars, row.Attempts.Count).ShouldBe((38, 20, 0.02m, 2));
        var stats = System.Text.Json.JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats"));
        (stats.GetProperty("retries").GetInt64(), stats.GetProperty("input_tokens").GetInt64(), stats.GetProperty("output_tokens").GetInt64()).ShouldBe((0, 38, 20));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SizeOfToolsAndRounds_IsReserved(bool streaming)
    {
        // Input costs, output nothing: what is held is the input's upper bound.
        var folder = Directory.CreateTempSubdirectory("llmops-prices-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "p.json"), """{"as_of":"2026-11-01","models":[{"provider":"openai","names":["gpt-4o"],"context_window":128000,"max_output_tokens":100,"price":{"input":"1000","output":"0"}}]}""");
        Gateway.With("Gateway:Accounting:PriceFile", Path.Combine(folder, "p.json"));
        List<decimal> held = [];
        var (id, key) = ("", "");
        _tools.With("add", (_, _) => Task.FromResult(new ToolResult(new string('x', 5000), false)));
        var script = new[] { FakeAnswer.Calls(Call("call_1")), BudgetedGateway.Answer };
        var handler = FakeOpenAI.Handler(_ => script[Interlocked.Increment(ref _asked)], GatewayApplication.ProviderKey);
        Fake.Handler = request =>
        {
            held.Add(Gateway.Count(id)!.Value.Held);
            return handler(request);
        };
        (id, key) = await Gateway.KeyAsync(100);

        (await Gateway.OutcomeAsync(key, streaming)).Status.ShouldBe(200);

        // A dollar for a thousand bytes: the request and its tool; then what the first round cost, and the result beside all of that.
        held[0].ShouldBeGreaterThan(1.2m);
        (held[1] - held[0]).ShouldBeGreaterThan(5);
        Gateway.Count(id).ShouldBe((0.038m, 0m));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MostCost_EndsTheCalls(bool streaming)
    {
        _tools.WithSum();
        Gateway.With("Gateway:Functions:MaxCostUsd", "0.02");
        Script(FakeAnswer.Calls(Call("call_1")), FakeAnswer.Calls(Call("call_2")), BudgetedGateway.Answer);
        var (_, key) = await Gateway.KeyAsync(1);

        (await Gateway.OutcomeAsync(key, streaming)).Status.ShouldBe(200);

        Fake.Requests.Select(request => request.Json.TryGetProperty("tool_choice", out var choice) ? choice.GetString() : null).ShouldBe([null, null, "none"]);
    }

    [Fact]
    public async Task EachRound_HasAttemptsOfItsOwn()
    {
        _tools.WithSum();
        Gateway.With("Gateway:Routing:MaxAttempts", "2").With("Gateway:Routing:TriesPerTarget", "2").With("Gateway:Routing:Backoff", "1ms");
        var error = FakeOpenAI.Error(500, "The server had an error", "server_error");
        Fake.Enqueue(error, FakeOpenAI.Reply(FakeAnswer.Calls(Call("call_1"))), error, FakeOpenAI.Reply(BudgetedGateway.Answer));
        var (_, key) = await Gateway.KeyAsync(1);

        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);

        Fake.Requests.Count.ShouldBe(4);
    }

    private static FakeToolCall Call(string id) => new(id, "add", """{"a":1,"b":2}""");

    private void Script(params FakeAnswer[] answers) =>
        Fake.Handler = FakeOpenAI.Handler(_ => answers[Interlocked.Increment(ref _asked)], GatewayApplication.ProviderKey);
}
