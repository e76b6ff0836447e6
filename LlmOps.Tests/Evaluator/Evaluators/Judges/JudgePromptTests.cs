using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Evaluators.Judges;

namespace LlmOps.Tests.Evaluator.Evaluators.Judges;

/// <summary>Which version of a prompt judges, and what scores are kept under; with prompts of the test's own.</summary>
public sealed class JudgePromptTests : JudgeTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-judges-").FullName;

    public JudgePromptTests()
    {
        Gateway.With("Gateway:Prompts:Folder", _folder);
        Write("tone/v1.yaml", "name: tone\nversion: v1\nmodel: gpt-4o\nsystem: Judge.\nuser: 'v1 {{answer}}'\n");
        Write("tone/v2.yaml", "name: tone\nversion: v2\nsystem: Judge.\nuser: 'v2 {{answer}}'\n");
        Say("""{"score":2}""");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("production: v1\nold: v1\n", """{"prompt":"tone"}""", "tone@v1")]
    [InlineData("old: v1\n", """{"prompt":"tone"}""", "tone@v2")]
    [InlineData("production: v2\nold: v1\n", """{"prompt":"tone","version":"old"}""", "tone@v1")]
    [InlineData("production: v1\n", """{"prompt":"tone","version":"v2"}""", "tone@v2")]
    [InlineData("production: v1\n", """{"prompt":"tone","version":"2"}""", "tone@v2")]
    public async Task Version_IsTheOneThatIsNamed_ElseTheOneInProduction_ElseTheHighest(string labels, string settings, string expected)
    {
        Write("tone/labels.yaml", labels);
        var judge = await MakeAsync(settings);

        await judge.ScoreAsync(Answered("Hello."), default);

        judge.Metric.Judge.ShouldBe(expected);
        Asked.Single().ShouldBe($"{expected["tone@".Length..]} Hello.");
    }

    [Theory]
    [InlineData("""{"prompt":"tone","version":"v1","model":"gpt-4.1"}""", "gpt-4o-mini", "gpt-4.1")]
    [InlineData("""{"prompt":"tone","version":"v1"}""", "gpt-4o-mini", "gpt-4o-mini")]
    [InlineData("""{"prompt":"tone","version":"v1"}""", null, "gpt-4o")]
    public async Task Model_IsTheEvaluatorsOwn_ElseThatOfAllJudges_ElseThePrompts(string settings, string? judgeModel, string expected)
    {
        var judge = await MakeAsync(settings, judgeModel);

        await judge.ScoreAsync(Answered("Hello."), default);

        Fake.Requests.Single().Json.GetProperty("model").GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task LabelThatMoves_DoesNotChangeTheJudgeOfARun()
    {
        Write("tone/labels.yaml", "production: v1\n");
        var judge = await MakeAsync("""{"prompt":"tone"}""");

        await LlmOps.Tests.Access.Administering.AdministerAsync(Gateway, "PUT", "/admin/prompts/tone/labels/production", """{"version":"v2"}""");
        await judge.ScoreAsync(Answered("Hello."), default);

        Asked.Single().ShouldBe("v1 Hello.");
    }

    [Fact]
    public async Task Fingerprint_IsAnotherForWhateverGivesAnotherScore_AndTheSameElse()
    {
        Write("tone/labels.yaml", "production: v1\n");
        var first = await FingerprintAsync("""{"prompt":"tone"}""");
        string[] others =
        [
            await FingerprintAsync("""{"prompt":"tone","version":"v2"}"""),
            await FingerprintAsync("""{"prompt":"tone","task":"Greet."}"""),
            await FingerprintAsync("""{"prompt":"tone","max":6}"""),
            await FingerprintAsync("""{"prompt":"tone"}""", "gpt-4o"),
        ];

        var same = await FingerprintAsync("""{ "prompt": "tone" }""");
        Write("tone/v1.yaml", "name: tone\nversion: v1\nmodel: gpt-4o\nsystem: Judge well.\nuser: 'v1 {{answer}}'\n");
        await LlmOps.Tests.Access.Administering.AdministerAsync(Gateway, "POST", "/admin/prompts/reload");
        var changed = await FingerprintAsync("""{"prompt":"tone"}""");

        same.ShouldBe(first);
        others.Append(first).Append(changed).Distinct().Count().ShouldBe(6);
    }

    private async Task<string> FingerprintAsync(string settings, string judgeModel = Model) => (await MakeAsync(settings, judgeModel)).Fingerprint;

    private ValueTask<IEvaluator> MakeAsync(string settings, string? judgeModel = Model) => EvaluatorCatalogue.MakeAsync(Spec(RubricJudge.Type, settings), new EvaluatorContext(Client, judgeModel), default);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
