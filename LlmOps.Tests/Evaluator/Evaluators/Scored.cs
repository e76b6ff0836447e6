using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Evaluators;

/// <summary>Scores answers by evaluators as the command line names them.</summary>
internal static class Scored
{
    // No evaluator that is tested with it asks it anything.
    private static readonly EvaluatorContext Context = new(new GatewayClient(new Uri("http://localhost:1"), null, TimeSpan.FromSeconds(1)), null);

    public static EvaluationCase Case { get; } = new() { Id = "c", Line = 1, Variables = new Dictionary<string, string>() };

    public static Answer Answer(string text) => new() { Text = text, Model = "m", Provider = "p", LatencyMs = 12.5, RequestId = "r" };

    /// <summary>A case that expects a text.</summary>
    public static EvaluationCase Expecting(string text) => ExpectingJson(JsonValue.Create(text).ToJsonString());

    public static EvaluationCase ExpectingJson(string json) => Case with { Expected = JsonElement.Parse(json) };

    public static EvaluationCase With(params string[] references) => Case with { References = references };

    public static async Task<IEvaluator> MakeAsync(string evaluator) => await EvaluatorCatalogue.MakeAsync(EvaluatorSpec.Parse(evaluator), Context, default);

    public static Task<Score?> ByAsync(string evaluator, string answer, EvaluationCase? @case = null) => ByAsync(evaluator, Answer(answer), @case);

    public static async Task<Score?> ByAsync(string evaluator, Answer answer, EvaluationCase? @case = null) =>
        await (await MakeAsync(evaluator)).ScoreAsync(new ScoredAnswer(@case ?? Case, answer, null), default);

    /// <summary>Holds that the evaluator cannot be made, and that the fault names what it should.</summary>
    public static async Task IsRefusedAsync(string evaluator, params string[] named)
    {
        var fault = await Should.ThrowAsync<LlmOps.Evaluator.BadInputException>(() => MakeAsync(evaluator));

        foreach (var name in named)
        {
            fault.Message.ShouldContain(name);
        }
    }
}
