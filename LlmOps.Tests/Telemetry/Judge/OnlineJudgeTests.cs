using Dapper;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Telemetry.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Telemetry.Judge;

/// <summary>Answers that a model scores after they were given; over real sockets.</summary>
public sealed class OnlineJudgeTests : GatewayTests
{
    private readonly CollectingSink _sink = new();
    private string _judgement = """{"reason": "It greets, as asked.", "score": 4}""";

    public OnlineJudgeTests()
    {
        Gateway
            .With("Gateway:Telemetry:OnlineJudge:Share", "1")
            .With("Gateway:Telemetry:OnlineJudge:Model", "gpt-4o-mini")
            .With("Gateway:Telemetry:Delivery:Interval", "1ms")
            .WithServices(services => services.AddSingleton(new SinkSource(_ => _sink)));
        Fake.Handler = FakeOpenAI.Handler(
            request => request.Json.GetProperty("model").GetString() == "gpt-4o-mini" ? FakeAnswer.Text(_judgement) : FakeAnswer.Text("Hel", "lo"), GatewayApplication.ProviderKey);
    }

    private IEnumerable<ScoreGiven> Scores => _sink.Taken.OfType<ScoreGiven>();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_IsScored_AndItsJudgeIsARowOfTheLedgerThatTheCallerDoesNotPay(bool streaming)
    {
        await AskAsync(streaming);
        await Conditions.HoldsAsync(() => Task.FromResult(Scores.Any()));

        var (score, request) = (Scores.Single(), (await _sink.RequestsAsync(1))[0].Request);
        (score.RequestId, score.Name, score.Value, score.Source).ShouldBe((request.Id, "judge", 4, "judge"));

        // The reason may quote what was said, and that is not captured.
        score.Comment.ShouldBeNull();
        var asked = Fake.Requests[^1].Json.GetProperty("messages")[1].GetProperty("content").GetString()!;
        asked.ShouldContain("user: Hi");
        Fake.Requests[^1].Json.GetProperty("messages")[0].GetProperty("content").GetString()!.ShouldContain("a whole number from 1 to 5}");
        asked.ShouldContain("Hello");
        request.Attempts.Count.ShouldBe(1);
        var database = Gateway.Services.GetRequiredService<IDatabase>();
        await Conditions.HoldsAsync(async () => await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM ledger WHERE endpoint = 'online-judge' AND subject = 'online-judge' AND prompt = 'answer-judge' AND outcome = 'ok' AND cost_nano > 0")) == 1);
    }

    [Fact]
    public async Task Reason_IsTold_WhereContentIsCaptured()
    {
        Gateway.With("Gateway:Telemetry:Capture:Everything", "true");
        await AskAsync(streaming: false);

        await Conditions.HoldsAsync(() => Task.FromResult(Scores.Any()));

        Scores.Single().Comment.ShouldBe("It greets, as asked.");
    }

    [Fact]
    public async Task JudgeWhoseDayIsSpent_IsNotAsked_AndSomeoneWhoSaysNothingOfUseHasFailed()
    {
        _judgement = "Fine.";
        await AskAsync(streaming: false);
        await Gateway.Logs.FirstAsync(log => log.Message.StartsWith("An answer could not be judged", StringComparison.Ordinal));
        Scores.ShouldBeEmpty();

        await using var poor = new GatewayApplication().WithOpenAI(Fake)
            .With("Gateway:Telemetry:OnlineJudge:Share", "1").With("Gateway:Telemetry:OnlineJudge:Model", "gpt-4o-mini").With("Gateway:Telemetry:OnlineJudge:UsdPerDay", "0");

        // Metrics are gathered from a moment after the start on.
        await poor.Http.GetStringAsync("/metrics");
        var before = Fake.Requests.Count;
        using (await poor.CompleteAsync(Request(false)))
        {
        }

        await Conditions.HoldsAsync(async () => (await poor.Http.GetStringAsync("/metrics")).Contains("llmops_judge_answers_total{outcome=\"unpaid\"}", StringComparison.Ordinal));
        Fake.Requests.Count.ShouldBe(before + 1);
    }

    [Fact]
    public async Task ShareOfNothing_JudgesNothing()
    {
        Gateway.With("Gateway:Telemetry:OnlineJudge:Share", "0");
        await AskAsync(streaming: false);

        await _sink.RequestsAsync(1);

        Fake.Requests.Count.ShouldBe(1);
    }

    private async Task AskAsync(bool streaming)
    {
        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);
        await response.Content.ReadAsStringAsync();
    }
}
