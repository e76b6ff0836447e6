using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.MLflow;
using LlmOps.Tests.Configuration;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Telemetry.MLflow;

public sealed class MLflowRunsTests : MLflowTests
{
    [Fact]
    public void WithoutAddress_ThereIsNoSink() => MLflowSink.Create(new TelemetryOptions(), Facts, Time, NullLogger<MLflowSink>.Instance).ShouldBeNull();

    [Fact]
    public async Task Run_SaysWhatItIsOf()
    {
        await SendAsync(Sink(), MoreTraces.Answered(1));

        Fake.Experiments.ShouldHaveSingleItem().Name.ShouldBe("llmops-gateway");
        Run.Name.ShouldBe("llmops-gateway-host-17-2026-11-27");
        Run.StartTime.ShouldBe(MoreTraces.Start.ToUnixTimeMilliseconds());
        Run.Tags.ShouldBe(new Dictionary<string, string> { ["mlflow.source.name"] = "llmops-gateway", ["mlflow.source.type"] = "JOB", ["version"] = "1.2.3", ["instance"] = "host-17" }, ignoreOrder: true);
        Run.Parameters.ShouldBe(new Dictionary<string, string> { ["configuration"] = "cafe", ["default_model"] = "gpt-4o", ["providers"] = new('p', 500) }, ignoreOrder: true);
    }

    [Fact]
    public void Facts_AreOfTheConfiguration()
    {
        var snapshot = ConfigurationTests.Build(
            ("Gateway:Endpoints:ServiceName", "mine"), ("Gateway:Endpoints:ServiceVersion", "9.1"), ("Gateway:Caching:TimeToLive", "2h"), ("Gateway:Routing:MaxAttempts", "3"),
            ("Gateway:Providers:openai:ApiKey", "sk-1"), ("Gateway:DetectOllama", "false"));

        var facts = MLflowFacts.Of(snapshot);

        (facts.Service, facts.Version, facts.Instance).ShouldBe(("mine", "9.1", $"{Environment.MachineName}-{Environment.ProcessId}"));
        facts.Parameters.ShouldBe(
            new Dictionary<string, string>
            {
                ["configuration"] = snapshot.Version, ["default_model"] = snapshot.Models.DefaultModel, ["providers"] = "openai, offline", ["cache_time_to_live"] = "02:00:00",
                ["semantic_cache"] = snapshot.Options.Caching.Semantic.Mode.ToString(), ["max_attempts"] = "3",
            },
            ignoreOrder: true);
    }

    [Fact]
    public async Task Close_FinishesTheRun()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Time.Advance(TimeSpan.FromHours(1));

        await sink.CloseAsync(CancellationToken.None);

        (Run.Status, Run.EndTime).ShouldBe(("FINISHED", MoreTraces.Start.AddHours(1).ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task CloseWithoutAServer_OnlySaysSo()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Server.Handler = _ => FakeReply.Reset();

        await sink.CloseAsync(CancellationToken.None);

        Logs.All.ShouldContain(log => log.Message.StartsWith("MLflow's run stays unfinished", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NextDay_HasARunOfItsOwn()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Time.Advance(TimeSpan.FromHours(14));

        await SendAsync(sink, MoreTraces.Answered(2));

        Fake.Runs.Select(run => (run.Name[^10..], run.Status, run.Sum("requests"))).ShouldBe([("2026-11-27", "FINISHED", 1), ("2026-11-28", "RUNNING", 1)]);
    }

    [Fact]
    public async Task DeletedRun_IsFollowedByAnother()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Run.Stage = "deleted";

        await SendAsync(sink, MoreTraces.Answered(2), MoreTraces.Answered(3, content: MoreTraces.Content));

        Fake.Runs.Select(run => run.Sum("requests")).ShouldBe([1, 2]);
        Fake.Artifacts.Keys.ShouldContain(path => path.Contains(Fake.Runs[1].Id, StringComparison.Ordinal));
        Fake.Runs[1].Parameters.ShouldContainKey("configuration");
    }

    [Fact]
    public async Task RunThatIsNotThere_IsFollowedByAnother()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Fake.RemoveRuns();

        await SendAsync(sink, MoreTraces.Answered(2));

        Run.Sum("requests").ShouldBe(1);
    }

    [Fact]
    public async Task ParametersThatGotLost_AreWrittenNextTime_ToTheSameRun()
    {
        var (sink, losses) = (Sink(), 1);
        LoseAnswers(request => request.BodyText.Contains("\"params\"", StringComparison.Ordinal) && losses-- > 0);

        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1)));
        await SendAsync(sink, MoreTraces.Answered(1));

        (Run.Parameters.Count, Run.Sum("requests")).ShouldBe((3, 1));
    }

    [Fact]
    public async Task ExperimentThatIsThere_IsTaken()
    {
        var made = Fake.Make("llmops-gateway");

        await SendAsync(Sink(), MoreTraces.Answered(1));

        Run.Experiment.ShouldBe(made.Id);
    }

    [Fact]
    public async Task ExperimentThatAnotherReplicaMakesMeanwhile_IsTaken()
    {
        Server.Handler = request =>
        {
            if (request.Path.EndsWith("experiments/create", StringComparison.Ordinal))
            {
                Fake.Make("llmops-gateway");
            }

            return Fake.Answer(request);
        };

        await SendAsync(Sink(), MoreTraces.Answered(1));

        Run.Experiment.ShouldBe("1");
    }

    [Fact]
    public async Task DeletedExperiment_IsToldWithWhatToDo()
    {
        Fake.Make("llmops-gateway").Stage = "deleted";

        (await Should.ThrowAsync<SinkException>(() => SendAsync(Sink(), MoreTraces.Answered(1)))).Message.ShouldContain("MLFLOW_EXPERIMENT_NAME");
        Fake.Runs.ShouldBeEmpty();
    }

    [Fact]
    public async Task ExperimentThatIsDeletedMeanwhile_KeepsTheEvents()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        var experiment = Fake.Experiments.ShouldHaveSingleItem();
        (experiment.Stage, Run.Stage) = ("deleted", "deleted");

        (await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(2)))).Message.ShouldContain("was deleted");
        experiment.Stage = "active";
        await SendAsync(sink, MoreTraces.Answered(2));

        Fake.Runs.Select(run => run.Sum("requests")).ShouldBe([1, 1]);
    }

    [Fact]
    public async Task HostThatIsNotAllowed_IsToldWithWhatToDo()
    {
        Fake.AllowedHosts = ["mlflow:5000", "localhost:*"];
        (await Should.ThrowAsync<SinkException>(() => SendAsync(Sink(), MoreTraces.Answered(1)))).Message.ShouldContain("--allowed-hosts");

        Fake.AllowedHosts = ["127.0.0.1:*"];
        await SendAsync(Sink(), MoreTraces.Answered(1));
        Run.Sum("requests").ShouldBe(1);
    }

    [Fact]
    public async Task OtherServer_IsToldAsSuch()
    {
        Server.Handler = _ => FakeReply.Text(200, "text/html", "<html>Welcome</html>");
        (await Should.ThrowAsync<SinkException>(() => SendAsync(Sink(), MoreTraces.Answered(1)))).Message.ShouldContain("does not answer as MLflow does (200): <html>");

        Server.Handler = _ => FakeReply.Json(200, "{}");
        (await Should.ThrowAsync<SinkException>(() => SendAsync(Sink(), MoreTraces.Answered(1)))).Message.ShouldContain("its answer has no experiment");
    }

    [Fact]
    public async Task Credentials_AreSentAsBasic()
    {
        Fake = new FakeMLflow { Authorization = "Basic " + Convert.ToBase64String("ann:p:w"u8) };

        await Should.ThrowAsync<SinkException>(() => SendAsync(Sink(), MoreTraces.Answered(1)));
        await SendAsync(Sink("ann"), MoreTraces.Answered(1));

        Run.Sum("requests").ShouldBe(1);
    }
}
