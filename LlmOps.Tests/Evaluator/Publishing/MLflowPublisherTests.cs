using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.MLflow;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>Evaluations as runs of a server that enforces MLflow's contract; over real sockets.</summary>
public sealed class MLflowPublisherTests : IAsyncLifetime
{
    private readonly FakeMLflow _mlflow = new() { RunsOfPage = 1 };
    private readonly FakeServer _server;
    private readonly MLflowPublisher _publisher;
    private readonly ManualTime _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public MLflowPublisherTests()
    {
        _server = new FakeServer(_mlflow.Answer);
        _publisher = new MLflowPublisher(MLflowServer.Of(new MLflowOptions(), _server.BaseAddress, TimeSpan.FromSeconds(30)), "llmops-evaluations", _time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _publisher.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _server.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task EachVariant_IsARun_TheOthersUnderTheBaselines()
    {
        await PublishAsync();

        _mlflow.Experiments.ShouldHaveSingleItem().Name.ShouldBe("llmops-evaluations");
        var (first, second) = (_mlflow.Runs[0], _mlflow.Runs[1]);
        _mlflow.Runs.Select(run => (run.Name, run.Status, run.StartTime, run.EndTime)).ShouldBe(
        [
            ("summarizer v1", "FINISHED", SomeEvaluation.StartedAt.ToUnixTimeMilliseconds(), SomeEvaluation.StartedAt.AddMinutes(1).ToUnixTimeMilliseconds()),
            ("summarizer v2/gpt-4o", "FINISHED", SomeEvaluation.StartedAt.ToUnixTimeMilliseconds(), SomeEvaluation.StartedAt.AddMinutes(1).ToUnixTimeMilliseconds()),
        ]);
        (first.Tags["evaluation_id"], first.Tags["variant"], first.Tags["prompt"], first.Tags["version"], first.Tags["gate"]).ShouldBe((SomeEvaluation.Id, "v1", "summarizer", "v1", "passed"));
        first.Tags.Keys.ShouldNotContain("mlflow.parentRunId");
        (second.Tags["mlflow.parentRunId"], second.Tags["variant"], second.Tags["model"]).ShouldBe((first.Id, "v2/gpt-4o", "gpt-4o"));
        second.Tags["mlflow.note.content"].ShouldBe("Evaluation of summarizer: passed. The reports are artifacts of the run of v1.\n\n- rouge_l: better: 0.4 more");
    }

    [Fact]
    public async Task Run_HasParametersAndNumbers()
    {
        await PublishAsync();

        var (first, second) = (_mlflow.Runs[0], _mlflow.Runs[1]);
        first.Parameters.ShouldBe(
            new Dictionary<string, string>
            {
                ["prompt"] = "summarizer", ["version"] = "v1", ["content_hash"] = "ab", ["dataset"] = "dataset.jsonl", ["dataset_hash"] = "9f2c", ["cases"] = "3", ["filter"] = "tag=hard",
                ["sample"] = "3", ["seed"] = "7", ["repeats"] = "2", ["confidence"] = "0.95", ["gateway"] = "http://localhost:8080/", ["parameters.temperature"] = "0.2", ["parameters.stop"] = """["END"]""",
            },
            ignoreOrder: true);
        (second.Parameters["model"], second.Parameters["version"]).ShouldBe(("gpt-4o", "v2"));
        first.At(0).ShouldBe(
            new Dictionary<string, decimal>
            {
                ["rouge_l"] = 0.35m, ["rouge_l.cases"] = 2, ["rouge_l.missing"] = 1,
                ["answers.failed"] = 0, ["answers.latency_ms"] = 250, ["answers.input_tokens"] = 60, ["answers.output_tokens"] = 30, ["answers.cost_usd"] = 0.0006m, ["answers.unpriced"] = 1,
            },
            ignoreOrder: true);
        second.At(0).ShouldBe(
            new Dictionary<string, decimal>
            {
                ["rouge_l"] = 0.85m, ["rouge_l.cases"] = 1, ["rouge_l.missing"] = 2, ["rouge_l.difference"] = 0.4m, ["rouge_l.p_value"] = 0.03m, ["rouge_l.adjusted_p_value"] = 0.06m,
                ["polite_"] = 1, ["polite_.cases"] = 1, ["polite_.missing"] = 0,
                ["answers.failed"] = 1, ["answers.latency_ms"] = 250, ["answers.input_tokens"] = 40, ["answers.output_tokens"] = 20, ["answers.cost_usd"] = 0.0004m, ["answers.unpriced"] = 0,
            },
            ignoreOrder: true);
    }

    [Theory]
    [InlineData(nameof(GateStatus.Regression))]
    [InlineData(nameof(GateStatus.Incomplete))]
    public async Task GateThatDoesNotPass_IsAFailedRun(string status)
    {
        await _publisher.PublishAsync(SomeEvaluation.Of(Enum.Parse<GateStatus>(status)), _folder, default);

        _mlflow.Runs.Select(run => (run.Status, run.Tags["gate"])).ShouldBe([("FAILED", status.ToLowerInvariant()), ("FAILED", status.ToLowerInvariant())]);
    }

    [Fact]
    public async Task Reports_AreArtifactsOfTheBaselinesRun()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "report.html"), "<html>");
        await File.WriteAllTextAsync(Path.Combine(_folder, "report.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "progress.jsonl"), "{}");

        await PublishAsync();

        var root = $"1/{_mlflow.Runs[0].Id}/artifacts";
        _mlflow.Artifacts.ShouldBe(new Dictionary<string, string> { [$"{root}/report.html"] = "<html>", [$"{root}/report.json"] = "{}" }, ignoreOrder: true);
    }

    [Fact]
    public async Task Again_MakesNoSecondRun()
    {
        await PublishAsync();
        var metrics = _mlflow.Runs.Select(run => run.Metrics.Count).ToArray();

        await PublishAsync();

        _mlflow.Runs.Count.ShouldBe(2);
        _mlflow.Runs.Select(run => run.Metrics.Count).ShouldBe(metrics);
    }

    [Fact]
    public async Task OtherEvaluation_HasRunsOfItsOwn()
    {
        await PublishAsync();

        await _publisher.PublishAsync(SomeEvaluation.Of() with { Id = "0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a71" }, _folder, default);

        _mlflow.Runs.Count.ShouldBe(4);
    }

    [Fact]
    public async Task WhatWasLeftUnfinished_IsCompleted()
    {
        _server.Handler = request => request.Path.EndsWith("runs/create", StringComparison.Ordinal) && _mlflow.Runs.Count == 1 ? FakeReply.Json(400, """{"error_code":"INVALID_PARAMETER_VALUE","message":"not now"}""") : _mlflow.Answer(request);
        (await Should.ThrowAsync<PublishException>(PublishAsync())).Message.ShouldBe("mlflow does not make a run: INVALID_PARAMETER_VALUE: not now");
        _server.Handler = _mlflow.Answer;

        await PublishAsync();

        _mlflow.Runs.Select(run => (run.Name, run.Status)).ShouldBe([("summarizer v1", "FINISHED"), ("summarizer v2/gpt-4o", "FINISHED")]);
    }

    [Fact]
    public async Task ServerThatIsBusy_IsAskedAgain()
    {
        var busy = 2;
        _server.Handler = request => busy-- > 0 ? FakeReply.Text(503, "text/plain", "busy") : _mlflow.Answer(request);

        await _time.UntilAsync(PublishAsync());

        _mlflow.Runs.Count.ShouldBe(2);
    }

    [Fact]
    public async Task ServerWithoutArtifacts_HasTheRuns_AndTheFaultIsTold()
    {
        _mlflow.ArtifactRoot = "/var/mlruns/";
        await File.WriteAllTextAsync(Path.Combine(_folder, "report.html"), "<html>");

        var fault = await Should.ThrowAsync<PublishException>(PublishAsync());

        fault.Message.ShouldStartWith($"The reports are not kept: artifacts, at /var/mlruns/1/{_mlflow.Runs[0].Id}/artifacts, are not written through MLflow's server.");
        _mlflow.Runs.Select(run => run.Status).ShouldBe(["FINISHED", "FINISHED"]);
    }

    [Fact]
    public void NamesThatMLflowDoesNotTake_BecomeOthers_AndStayApart()
    {
        var evaluation = SomeEvaluation.Of();
        var names = new[] { "a:b", "a;b", "..", "größe", new string('x', 300), " b " };
        evaluation = evaluation with { Summaries = [.. names.Select(name => new MetricSummary { Variant = "v1", Metric = name, Cases = 1, Missing = 0, Mean = 1 })], Comparisons = [], Cases = [] };

        var keys = MLflowNumbers.Metrics(evaluation, evaluation.Variants[0]).Select(metric => metric.Key).Where(key => !key.Contains(".cases", StringComparison.Ordinal) && !key.Contains(".missing", StringComparison.Ordinal) && !key.StartsWith("answers", StringComparison.Ordinal));

        keys.ShouldContain("a_b");
        keys.ShouldContain("a_b 2");
        keys.ShouldContain("_..");
        keys.ShouldContain("gr__e");
        keys.ShouldContain("b");
        keys.ShouldAllBe(key => key.Length <= 250);
    }

    private Task PublishAsync() => _publisher.PublishAsync(SomeEvaluation.Of(), _folder, default);
}
