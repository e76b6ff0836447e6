using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>Answers that another model judges; over real sockets.</summary>
public sealed class AnswerJudgeTests : GuardedTests
{
    private string _verdict = "allow";

    public AnswerJudgeTests()
    {
        With("Judge", "Enforce");
        With("AnswerJudge:Model", "gpt-4o-mini");
        With("AnswerJudge:Policy", "Nothing about falcons.");
        Fake.Handler = FakeOpenAI.Handler(
            request => request.Json.GetProperty("model").GetString() == "gpt-4o-mini" ? FakeAnswer.Text(_verdict) : FakeAnswer.Text("The fal", "con is fast."), GatewayApplication.ProviderKey);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AllowedAnswer_GoesOut_AndItsJudgeIsPaidFor(bool streaming)
    {
        var answered = await AskAsync(streaming, "Which bird?");

        (answered.Text, answered.Complete).ShouldBe(("The falcon is fast.", true));
        var judged = Fake.Requests[1].Json.GetProperty("messages");
        judged[0].GetProperty("content").GetString()!.ShouldContain("Nothing about falcons.");
        judged[1].GetProperty("content").GetString()!.ShouldContain("The falcon is fast.");
        judged[1].GetProperty("content").GetString()!.ShouldContain("Which bird?");
        decimal.Parse(Gateway.Logs.Requests.Single().State["CostUsd"]!.ToString()!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0.000147m);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatTheJudgeIsAgainst_IsRefused_AndNoneOfItLeaves(bool streaming)
    {
        _verdict = "Refuse.";

        var refused = await AskAsync(streaming);

        (refused.Status, refused.Code).ShouldBe((400, "content_policy"));
        refused.Json.GetRawText().ShouldNotContain("fast");
    }

    [Theory]
    [InlineData("Allow", 200)]
    [InlineData("Refuse", 400)]
    public async Task JudgeThatSaysNeither_HasFailed_AndTheSettingsSayWhatThen(string onFailure, int status)
    {
        With("AnswerJudge:OnFailure", onFailure);
        _verdict = "I cannot say.";

        (await AskAsync(false)).Status.ShouldBe(status);
        (await MetricsAsync()).GetProperty("rules").TryGetProperty("judge_unavailable", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task JudgeWhoseDayIsSpent_IsNotAsked()
    {
        With("AnswerJudge:UsdPerDay", "0");

        (await AskAsync(false)).Status.ShouldBe(200);
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Monitored_JudgeIsAsked_AndTheAnswerGoesOut(bool streaming)
    {
        With("Judge", "Monitor");
        _verdict = "refuse";

        (await AskAsync(streaming)).Text.ShouldBe("The falcon is fast.");
        (await MetricsAsync()).GetProperty("rules").GetProperty("judge").GetProperty("monitored").GetInt64().ShouldBe(1);
    }
}
