using System.Diagnostics;
using System.Globalization;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Commands;

/// <summary>Evaluations that end before they should: a killed process, an outage, a judge that fails.</summary>
public sealed class ResumeTests : IAsyncLifetime
{
    private const int Cases = 40;
    private const int Concurrency = 4;

    private readonly EvaluatorRun _evaluator = new EvaluatorRun().WithPrompt("tested", Cases);
    private readonly FakeServer _provider = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _provider.DisposeAsync();
        _evaluator.Dispose();
    }

    [Fact]
    public async Task KilledProcess_IsResumed_AndPaysForNoAnswerTwiceThatHadCome()
    {
        var halfway = new TaskCompletionSource();
        var hold = new TaskCompletionSource();
        var calls = 0;
        _provider.Handler = request => Interlocked.Increment(ref calls) <= Cases ? Answer(request) : Answer(request).AfterWaitingFor(Held(halfway, hold.Task));
        using (var process = Process.Start(Program("compare", "tested", "v1", "v2"))!)
        {
            // Answers that came are written down before others are asked for; those that are held are on their way.
            await halfway.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
            await Conditions.HoldsAsync(() => Task.FromResult(Volatile.Read(ref calls) == Cases + Concurrency));
            process.Kill();
            await process.WaitForExitAsync();
        }

        hold.SetResult();
        var kept = Kept();

        var resumed = await ProgramRun.OfAsync(Program("compare", "tested", "v1", "v2", "--resume"));

        resumed.ExitCode.ShouldBe(0, resumed.Output + resumed.Errors);
        kept.ShouldBe(Cases);
        calls.ShouldBe(kept + Concurrency + (2 * Cases) - kept);
        var report = await _evaluator.ReportAsync();
        report.Run.Reused.ShouldBe(kept);
        report.Cases.SelectMany(each => each.Answers).ShouldAllBe(answer => answer.Answer != null);
    }

    [Fact]
    public async Task OutageInTheMiddle_SavesWhatThereIs_ExitsWithThree_AndIsResumed()
    {
        var calls = 0;
        await using var gateway = new GatewayApplication().WithOpenAI(_provider).With("Gateway:Prompts:Folder", _evaluator.Prompts).With("Gateway:DefaultModel", "gpt-4o");
        _provider.Handler = request =>
        {
            var call = Interlocked.Increment(ref calls);
            return call is > Cases and < 100_000 ? FakeReply.Json(400, """{"error":{"message":"gone","type":"invalid_request_error"}}""") : Answer(request);
        };

        var code = await _evaluator.AskAsync(gateway, "compare", "tested", "v1", "v2");

        code.ShouldBe(3, _evaluator.Said);
        var report = await _evaluator.ReportAsync();
        report.Gate.Status.ShouldBe(GateStatus.Incomplete);
        report.Cases.SelectMany(each => each.Answers).Count(answer => answer.Answer is not null).ShouldBe(Cases);
        calls = 100_000;
        (await _evaluator.AskAsync(gateway, "compare", "tested", "v1", "v2", "--resume")).ShouldBe(0, _evaluator.Said);
        calls.ShouldBe(100_000 + Cases);
        (await _evaluator.ReportAsync()).Cases.SelectMany(each => each.Answers).ShouldAllBe(answer => answer.Answer != null);
    }

    [Fact]
    public async Task JudgeThatAnswersNonsense_LeavesScoresMissing_AndExitsWithThree()
    {
        var judged = 0;
        await using var gateway = new GatewayApplication().WithOpenAI(_provider).With("Gateway:Prompts:Folder", _evaluator.Prompts).With("Gateway:DefaultModel", "gpt-4o");
        _evaluator.With("answer-judge/v1.yaml", "name: answer-judge\nversion: v1\nuser: \"judge: {{answer}}\"\n");
        _provider.Handler = request => !Said(request).StartsWith("judge", StringComparison.Ordinal) ? Answer(request)
            : FakeOpenAI.Reply(FakeAnswer.Text(Interlocked.Increment(ref judged) switch
            {
                3 => "I would say it is quite good.",
                4 => """{"score": 17}""",
                5 => """{"score": [4]}""",
                6 => """
                    Here it is:
                    ```json
                    {"reason": "fenced", "score": "4/5"}
                    ```
                    Is there anything else?
                    """,
                _ => """{"reason": "good", "score": 4}""",
            }));

        var code = await _evaluator.AskAsync(gateway, "run", "tested", "v1", "-e", "judge", "--concurrency", "1");

        code.ShouldBe(3, _evaluator.Said);
        var report = await _evaluator.ReportAsync();
        var scores = report.Cases.Select(each => each.Answers.Single().Scores["judge"]).ToList();
        scores.Count(score => score.Failure is not null).ShouldBe(3);
        scores.Where(score => score.Failure is null).ShouldAllBe(score => score.Value == 4);
        var summary = report.Summaries.Single(each => each.Metric == "judge");
        (summary.Mean, summary.Missing).ShouldBe((4, 3));
        report.Run.Calls.ShouldBe(2 * Cases);
    }

    private static string Said(ReceivedRequest request) => request.Json.GetProperty("messages")[0].GetProperty("content").GetString()!;

    private static FakeReply Answer(ReceivedRequest request)
    {
        var said = Said(request);
        return FakeOpenAI.Reply(FakeAnswer.Text($"answer {int.Parse(said[(said.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)}"));
    }

    private static Task Held(TaskCompletionSource seen, Task hold)
    {
        seen.TrySetResult();
        return hold;
    }

    private int Kept() => File.ReadLines(Path.Combine(_evaluator.Output, "results", "tested.jsonl")).Count(line => line.Contains("\"answer\":", StringComparison.Ordinal));

    private ProcessStartInfo Program(params string[] args)
    {
        var start = _evaluator.Program([.. args, "--concurrency", Concurrency.ToString(CultureInfo.InvariantCulture)]);
        start.Environment["OPENAI_API_KEY"] = "sk-test";
        start.Environment["OPENAI_BASE_URL"] = new Uri(_provider.BaseAddress, "v1").ToString();
        start.Environment["DEFAULT_MODEL"] = "gpt-4o";
        start.Environment["Gateway__DetectOllama"] = "false";
        return start;
    }
}
