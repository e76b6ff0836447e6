using LlmOps.Evaluator;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>Publishers by their names, as the gateway's own settings have them.</summary>
public sealed class PublishersTests
{
    [Theory]
    [InlineData("mlflow", "Gateway:Telemetry:MLflow:TrackingUri (MLFLOW_TRACKING_URI) is missing; expected MLflow's address, such as http://localhost:5000.")]
    [InlineData("langfuse", "Gateway:Telemetry:Langfuse:PublicKey (LANGFUSE_PUBLIC_KEY) is missing.\nGateway:Telemetry:Langfuse:SecretKey (LANGFUSE_SECRET_KEY) is missing.")]
    [InlineData("gateway", "An evaluation can be published to a gateway that runs: name it with --gateway URL, and a key of the role admin with --key.")]
    [InlineData("kafka", "There is nothing called 'kafka' to publish to; expected gateway, mlflow or langfuse.")]
    public void WhatIsNotConfigured_NamesWhatToSet(string name, string message) =>
        Should.Throw<BadInputException>(() => Publishers.Of([name], gateway: null, [], TimeProvider.System)).Message.ShouldBe(message);

    [Fact]
    public void AllFaults_AreTold() =>
        Should.Throw<BadInputException>(() => Publishers.Of(["gateway", "mlflow", "kafka"], gateway: null, [], TimeProvider.System)).Faults.Count.ShouldBe(3);

    [Fact]
    public void SettingAtFault_IsTold() =>
        Should.Throw<BadInputException>(() => Publishers.Of(["mlflow"], gateway: null, ["--Gateway:Telemetry:MLflow:TrackingUri=localhost"], TimeProvider.System))
            .Message.ShouldStartWith("Gateway:Telemetry:MLflow:TrackingUri (MLFLOW_TRACKING_URI) is 'localhost'; expected an address");

    [Theory]
    [InlineData(null, "llmops-evaluations")]
    [InlineData("mine", "mine")]
    public async Task Experiment_IsThatOfTheSettings(string? named, string expected)
    {
        var mlflow = new FakeMLflow();
        await using var server = new FakeServer(mlflow.Answer);
        string[] settings = [$"--Gateway:Telemetry:MLflow:TrackingUri={server.BaseAddress}", .. named is null ? Array.Empty<string>() : [$"--Gateway:Telemetry:MLflow:Experiment={named}"]];
        using var publishers = Publishers.Of(["mlflow", "mlflow"], gateway: null, settings, TimeProvider.System);

        (await publishers.PublishAsync(SomeEvaluation.Of(), "nowhere", default)).ShouldBeEmpty();

        mlflow.Experiments.ShouldHaveSingleItem().Name.ShouldBe(expected);
        mlflow.Runs.Count.ShouldBe(2);
    }

    [Fact]
    public async Task FaultOfOne_LeavesTheOthers()
    {
        await using var gateway = new GatewayApplication();
        using var client = new GatewayClient(gateway.Address, "sk-unknown", TimeSpan.FromSeconds(30));
        var told = new Told();
        using var publishers = new Publishers([new GatewayPublisher(client, TimeProvider.System), told]);

        var faults = await publishers.PublishAsync(SomeEvaluation.Of(), "nowhere", default);

        faults.ShouldHaveSingleItem().ShouldStartWith("gateway: It refuses the key: ");
        told.Ids.ShouldBe([SomeEvaluation.Id]);
    }

    private sealed class Told : IPublisher
    {
        public List<string> Ids { get; } = [];

        public string Name => "told";

        public Task PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken)
        {
            Ids.Add(result.Id);
            return Task.CompletedTask;
        }

        public void Dispose()
        {
        }
    }
}
