using System.Text.Json;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Tests of a judge that asks the prompts that are shipped, of a gateway whose provider is a fake.</summary>
public abstract class JudgeTests : GatewayTests
{
    /// <summary>The model that judges.</summary>
    private protected const string Model = "gpt-4o-mini";

    private GatewayClient? _client;

    protected JudgeTests() => Fake.Handler = FakeOpenAI.Handler(request => Says(UserText(request)), GatewayApplication.ProviderKey);

    /// <summary>What the model says, by what it is asked.</summary>
    private protected Func<string, FakeAnswer> Says { get; set; } = _ => FakeAnswer.Text("");

    /// <summary>The gateway as the evaluator asks it.</summary>
    private protected GatewayClient Client => _client ??= new GatewayClient(Gateway.Address, null, TimeSpan.FromSeconds(60));

    /// <summary>What the judge was asked, by call.</summary>
    private protected IReadOnlyList<string> Asked => [.. Fake.Requests.Select(UserText)];

    public override async Task DisposeAsync()
    {
        _client?.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>An evaluator as it is asked for.</summary>
    private protected static EvaluatorSpec Spec(string type, string? settings = null) => new(type, type, settings is null ? null : JsonElement.Parse(settings));

    /// <summary>An answer to a case with the variable text.</summary>
    private protected static ScoredAnswer Answered(string text, string? baseline = null, string? metadata = null) =>
        new(Case(metadata), Answer(text), baseline is null ? null : Answer(baseline));

    /// <summary>A case with the variable text.</summary>
    private protected static EvaluationCase Case(string? metadata = null) => new()
    {
        Id = "c1",
        Line = 1,
        Variables = new Dictionary<string, string> { ["text"] = "Parcel 7 left Bremen on Monday.", ["length"] = "1 sentence" },
        Metadata = metadata is null ? null : JsonElement.Parse(metadata),
    };

    private protected static Answer Answer(string text) => new() { Text = text, Model = "m", Provider = "p", LatencyMs = 1, RequestId = "r" };

    /// <summary>What the model says, whatever it is asked.</summary>
    private protected void Say(string text) => Says = _ => FakeAnswer.Text(text);

    private static string UserText(ReceivedRequest request) => request.Json.GetProperty("messages")[1].GetProperty("content").GetString()!;
}
