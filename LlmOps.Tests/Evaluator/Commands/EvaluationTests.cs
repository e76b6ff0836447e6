using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Commands;

/// <summary>Evaluations through a gateway that runs, in front of a provider that does what the test wants.</summary>
public sealed class EvaluationTests : GatewayTests
{
    private const int Cases = 12;

    private readonly EvaluatorRun _evaluator = new();

    public EvaluationTests() => Gateway.With("Gateway:Prompts:Folder", _evaluator.WithPrompt("tested", Cases).Prompts).With("Gateway:DefaultModel", "gpt-4o");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _evaluator.Dispose();
    }

    [Fact]
    public async Task BetterVersion_IsFound_AndExitsWithZero()
    {
        Fake.Handler = request => Answer(request, (version, number) => version == 2 || number % 4 == 0 ? $"answer {number}" : "no idea");

        var code = await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        code.ShouldBe(0, _evaluator.Said);
        var report = await _evaluator.ReportAsync();
        Compared(report, "exact").Verdict.ShouldBe(Verdict.Better);
        Compared(report, "exact").Wins.ShouldBe(9);
        _evaluator.Said.ShouldContain("v2 is better");
        report.Run.Calls.ShouldBe(2 * Cases);
        report.Run.CostUsd.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task WorseVersion_ExitsWithOne()
    {
        Fake.Handler = request => Answer(request, (version, number) => version == 1 ? $"answer {number}" : "no idea");

        var code = await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        code.ShouldBe(1, _evaluator.Said);
        (await _evaluator.ReportAsync()).Gate.Status.ShouldBe(GateStatus.Regression);
    }

    [Fact]
    public async Task FailedAnswers_AreMissing_NeverZero_AndExitWithThree()
    {
        Fake.Handler = request => Answer(request, (version, number) => version == 2 && number == 5 ? null : $"answer {number}");

        var code = await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        code.ShouldBe(3, _evaluator.Said);
        var report = await _evaluator.ReportAsync();
        var failed = report.Cases.Single(each => each.Id == "case-5").Answers.Single(answer => answer.Variant == "v2");
        failed.Answer.ShouldBeNull();
        failed.Failure!.ShouldContain("400");
        Compared(report, "exact").Cases.ShouldBe(Cases - 1);
        Compared(report, "exact").Missing.ShouldBe(1);
        Compared(report, "exact").VariantMean.ShouldBe(1);
    }

    [Fact]
    public async Task SecondEvaluation_PaysForNothing_AndFreshOnePaysForAll()
    {
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");
        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        Fake.Requests.Count.ShouldBe(2 * Cases);
        (await _evaluator.ReportAsync()).Run.Reused.ShouldBe(2 * Cases);
        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "--fresh");
        Fake.Requests.Count.ShouldBe(4 * Cases);
    }

    [Fact]
    public async Task ChangedVersion_IsAskedAnew_AndTheOtherIsNot()
    {
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");
        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");
        _evaluator.With("tested/v2.yaml", "name: tested\nversion: v2\nuser: \"second, changed: {{text}}\"\n");
        using var reload = new HttpRequestMessage(HttpMethod.Post, "/admin/prompts/reload") { Headers = { { "Authorization", $"Bearer {GatewayApplication.AdministratorKey}" } } };
        (await Gateway.Http.SendAsync(reload)).EnsureSuccessStatusCode();

        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        Fake.Requests.Count.ShouldBe(3 * Cases);
    }

    [Fact]
    public async Task RateLimits_AreWaitedFor()
    {
        var refused = 0;
        Fake.Handler = request => Interlocked.Increment(ref refused) is 3 or 4
            ? FakeReply.Json(429, """{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}""").Header("Retry-After", "1")
            : Answer(request, (_, number) => $"answer {number}");

        var code = await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2");

        code.ShouldBe(0, _evaluator.Said);
        (await _evaluator.ReportAsync()).Cases.SelectMany(each => each.Answers).ShouldAllBe(answer => answer.Answer != null);
    }

    [Fact]
    public async Task MaxCost_EndsIt_SavesWhatThereIs_AndResumeGoesOn()
    {
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");
        await _evaluator.AskAsync(Gateway, "run", "tested", "v1", "--sample", "1", "--fresh");
        var one = (await _evaluator.ReportAsync()).Run.CostUsd;
        var before = Fake.Requests.Count;
        var most = (one * 6).ToString(System.Globalization.CultureInfo.InvariantCulture);

        var code = await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "--max-cost", most);

        code.ShouldBe(3, _evaluator.Said);
        var report = await _evaluator.ReportAsync();
        report.Run.EndedEarly!.ShouldContain("--max-cost");
        report.Run.CostUsd.ShouldBeLessThanOrEqualTo(one * 6);
        var paid = Fake.Requests.Count - before;
        paid.ShouldBeInRange(4, 6);
        (await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "--resume")).ShouldBe(0, _evaluator.Said);
        (Fake.Requests.Count - before).ShouldBe(2 * Cases);
        (await _evaluator.ReportAsync()).Id.ShouldBe(report.Id);
    }

    [Fact]
    public async Task Resume_WithoutAnInterruptedEvaluation_IsBadInput()
    {
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");

        (await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "--resume")).ShouldBe(2);

        _evaluator.Said.ShouldContain("no interrupted evaluation");
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("There is no prompt", "compare", "nowhere", "v1", "v2", "--dataset", "@tested/dataset.jsonl")]
    [InlineData("no version or label 'v7'", "compare", "tested", "v1", "v7")]
    [InlineData("v1 is there twice", "compare", "tested", "v1", "v1")]
    [InlineData("nothing to be compared with", "compare", "tested", "v1")]
    [InlineData("There is no evaluator nonsense", "compare", "tested", "v1", "v2", "-e", "nonsense")]
    [InlineData("There is no metric bleu", "compare", "tested", "v1", "v2", "--fail-if", "bleu drops")]
    [InlineData("detect names bleu", "compare", "tested", "v1", "v2", "--detect", "bleu=0.1")]
    [InlineData("expected a metric and a number", "compare", "tested", "v1", "v2", "--detect", "exact")]
    [InlineData("fits tag=nowhere", "compare", "tested", "v1", "v2", "--filter", "tag=nowhere")]
    [InlineData("dataset.jsonl", "compare", "tested", "v1", "v2", "--dataset", "@nowhere/dataset.jsonl")]
    [InlineData("There is nothing called 'nowhere' to publish to", "compare", "tested", "v1", "v2", "--publish", "gateway,nowhere")]
    [InlineData("--metric names bleu", "promote", "tested", "v2", "--if-better-than", "v1", "--metric", "bleu")]
    [InlineData("--label is 'Not Right!'", "promote", "tested", "v2", "--if-better-than", "v1", "--label", "Not Right!")]
    [InlineData("--gateway", "compare", "tested", "v1", "v2", "--gateway", "nowhere")]
    [InlineData("--gateway", "compare", "tested", "v1", "v2", "--gateway", "http://user:secret@localhost/")]
    [InlineData("--timeout", "compare", "tested", "v1", "v2", "--gateway", "http://127.0.0.1:1", "--timeout", "3000000")]
    [InlineData("--sample", "compare", "tested", "v1", "v2", "--gateway", "http://127.0.0.1:1", "--sample", "abc")]
    [InlineData("--dataset", "compare", "tested", "v1", "v2", "--gateway", "http://127.0.0.1:1", "--dataset", "")]
    [InlineData("--max-cost", "compare", "tested", "v1", "v2", "--gateway", "http://127.0.0.1:1", "--max-cost", "0")]
    public async Task BadInput_ExitsWithTwo_SaysWhat_AndAsksNobody(string said, params string[] args)
    {
        string[] full = [.. args.Select(argument => argument.StartsWith('@') ? Path.Combine(_evaluator.Prompts, argument[1..]) : argument)];

        var code = full.Contains("--gateway") ? await _evaluator.RunAsync([.. full, "--prompts", _evaluator.Prompts]) : await _evaluator.AskAsync(Gateway, full);

        code.ShouldBe(2, _evaluator.Said);
        if (!full.Contains("--gateway"))
        {
            _evaluator.Said.ShouldContain(said);
        }

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"tested","labels":{},"versions":[null]}""")]
    [InlineData("<html>")]
    public async Task WhatIsNoGateway_IsBadInput(string answers)
    {
        await using var server = new FakeServer(_ => FakeReply.Json(200, answers));

        var code = await _evaluator.RunAsync("compare", "tested", "v1", "v2", "--gateway", server.BaseAddress.AbsoluteUri, "--prompts", _evaluator.Prompts, "--output", _evaluator.Output);

        code.ShouldBe(2, _evaluator.Said);
    }

    [Fact]
    public async Task EvaluatorsOfTheCommandLine_LeaveOutWhatEvalYamlSaysOfOthers()
    {
        _evaluator.With("tested/eval.yaml", "evaluators: [rouge_l]\nfail_if: [rouge_l drops]\ndetect: {rouge_l: 0.1}\n");
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");

        (await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "-e", "exact")).ShouldBe(0, _evaluator.Said);

        (await _evaluator.ReportAsync()).Gate.Rules.Select(rule => rule.Rule).ShouldBe(["any metric worsens significantly"]);
    }

    [Fact]
    public async Task WrongKey_IsBadInput()
    {
        var code = await _evaluator.RunAsync("compare", "tested", "v1", "v2", "--gateway", Gateway.Address.AbsoluteUri, "--key", "sk-llmops-wrong", "--prompts", _evaluator.Prompts, "--output", _evaluator.Output);

        code.ShouldBe(2);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Repeats_AreAskedAndAveragedWithinTheCase()
    {
        var asked = 0;
        Fake.Handler = request => Answer(request, (_, number) => Interlocked.Increment(ref asked) % 2 == 0 ? $"answer {number}" : "no idea");

        await _evaluator.AskAsync(Gateway, "run", "tested", "v1", "--repeats", "2", "--concurrency", "1");

        var report = await _evaluator.ReportAsync();
        report.Cases.ShouldAllBe(each => each.Answers.Count == 2);
        var summary = report.Summaries.Single(each => each.Metric == "exact");
        (summary.Cases, summary.Mean).ShouldBe((Cases, 0.5));
    }

    [Fact]
    public async Task Models_AreCrossedWithVersions()
    {
        Fake.Handler = request => Answer(request, (_, number) => $"answer {number}");

        await _evaluator.AskAsync(Gateway, "compare", "tested", "v1", "v2", "--model", "gpt-4o,gpt-4o-mini");

        var report = await _evaluator.ReportAsync();
        report.Variants.Select(variant => variant.Name).ShouldBe(["v1/gpt-4o", "v1/gpt-4o-mini", "v2/gpt-4o", "v2/gpt-4o-mini"]);
        report.Comparisons.Where(each => each is { Metric: "exact", Tag: null }).Select(each => each.Baseline).ShouldAllBe(baseline => baseline == "v1/gpt-4o");
        Fake.Requests.Select(request => request.Json.GetProperty("model").GetString()).Distinct().Order().ShouldBe(["gpt-4o", "gpt-4o-mini"]);
    }

    [Fact]
    public async Task Promote_MovesTheLabelThroughTheGateway_WhereItIsBetter()
    {
        Fake.Handler = request => Answer(request, (version, number) => version == 2 ? $"answer {number}" : "no idea");

        var code = await _evaluator.AskAsync(Gateway, "promote", "tested", "v2", "--if-better-than", "v1");

        code.ShouldBe(0, _evaluator.Said);
        (await ProductionAsync()).ShouldBe("v2");
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Promote_LeavesTheLabel_WhereItIsNoBetter(bool isWorse, int right)
    {
        Fake.Handler = request => Answer(request, (version, number) => !isWorse || version - 1 == right ? "no idea" : $"answer {number}");

        var code = await _evaluator.AskAsync(Gateway, "promote", "tested", "v2", "--if-better-than", "v1");

        code.ShouldBe(1, _evaluator.Said);
        (await ProductionAsync()).ShouldBeNull();
        _evaluator.Said.ShouldContain("is not promoted");
    }

    private static MetricComparison Compared(EvaluationResult report, string metric) => report.Comparisons.Single(each => each.Metric == metric && each.Tag is null);

    // Null answers with a failure that is not asked for again.
    private static FakeReply Answer(ReceivedRequest request, Func<int, int, string?> answer)
    {
        var said = request.Json.GetProperty("messages")[0].GetProperty("content").GetString()!;
        var number = int.Parse(said[(said.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return answer(said.StartsWith("first", StringComparison.Ordinal) ? 1 : 2, number) is { } text
            ? FakeOpenAI.Reply(FakeAnswer.Text(text))
            : FakeReply.Json(400, """{"error":{"message":"no","type":"invalid_request_error","code":"invalid_value"}}""");
    }

    private async Task<string?> ProductionAsync()
    {
        var prompt = JsonElement.Parse(await Gateway.Http.GetStringAsync("/prompts/tested"));
        return prompt.GetProperty("labels").TryGetProperty("production", out var version) ? version.GetString() : null;
    }
}
