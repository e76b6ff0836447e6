using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Tests.Evaluator.Evaluators.Judges;
using LlmOps.Tests.Fakes;
using System.Text.Json;

namespace LlmOps.Tests.Evaluator.Evaluators;

/// <summary>How near answers are to their references, by the embeddings of a gateway.</summary>
public sealed class EmbeddingSimilarityTests : JudgeTests
{
    private const string Fakes = """{"model":"openai/text-embedding-3-small"}""";

    private static readonly Dictionary<string, float[]> Directions = new()
    {
        ["east"] = [2, 0],
        ["north"] = [0, 3],
        ["north-east"] = [1, 1],
        ["west"] = [-1, 0],
        ["nowhere"] = [0, 0],
    };

    private static readonly string[] EastAndNorth = ["east", "north"];

    [Theory]
    [InlineData("east", 1)]
    [InlineData("north-east", 0.70710678)]
    [InlineData("west", 0)]
    public async Task Value_IsTheCosineOfTheNearestReference(string answer, double expected)
    {
        WithDirections();
        var evaluator = await MakeAsync(Fakes);

        var score = (await evaluator.ScoreAsync(Compared(answer, EastAndNorth), default))!;

        score.Value!.Value.ShouldBe(expected, 1e-6);
        score.Calls.ShouldBe(1);
        score.CostUsd!.Value.ShouldBeGreaterThan(0);
        evaluator.CallsModel.ShouldBeTrue();
    }

    [Fact]
    public async Task OppositeMeaning_IsNegative_AndWhatIsExpectedStandsForReferences()
    {
        WithDirections();
        var evaluator = await MakeAsync(Fakes);
        var asked = Case() with { Expected = JsonElement.Parse("\"east\"") };

        var score = (await evaluator.ScoreAsync(new ScoredAnswer(asked, Answer("west"), null), default))!;

        score.Value!.Value.ShouldBe(-1, 1e-6);
    }

    [Fact]
    public async Task References_AreEmbeddedOnce()
    {
        WithDirections();
        var evaluator = await MakeAsync(Fakes);

        await evaluator.ScoreAsync(Compared("north-east", EastAndNorth), default);
        var second = (await evaluator.ScoreAsync(Compared("north", EastAndNorth), default))!;

        Fake.Requests.Select(request => request.Json.GetProperty("input").GetArrayLength()).ShouldBe([3, 1]);
        (second.Value!.Value, second.Reason).ShouldBe((1, "Nearest to reference 2 of 2."));
    }

    [Fact]
    public async Task OfflineEmbedding_NeedsNoProvider_AndPutsTheSameMeaningNearer()
    {
        var evaluator = await MakeAsync(null);
        string[] references = ["The parcel was sent from Bremen on Monday."];

        var near = (await evaluator.ScoreAsync(Compared("The parcel was sent from Bremen on Monday", references), default))!;
        var far = (await evaluator.ScoreAsync(Compared("Bananas are rich in potassium.", references), default))!;

        near.Value!.Value.ShouldBeGreaterThan(far.Value!.Value + 0.3);
        (near.CostUsd, near.UnpricedCalls).ShouldBe((0, 0));
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task CaseWithoutReference_HasNoScore_AnEmptyAnswerIsNearNothing_AndNoDirectionIsNoScore()
    {
        WithDirections();
        var evaluator = await MakeAsync(Fakes);

        var none = await evaluator.ScoreAsync(Compared("east", []), default);
        var empty = (await evaluator.ScoreAsync(Compared(" ", EastAndNorth), default))!;
        var nowhere = (await evaluator.ScoreAsync(Compared("nowhere", EastAndNorth), default))!;

        none.ShouldBeNull();
        (empty.Value, empty.Calls).ShouldBe((0, 0));
        (nowhere.Value, nowhere.Calls).ShouldBe((null, 1));
        nowhere.Failure!.ShouldContain("the answer");
    }

    [Fact]
    public async Task CallThatFails_IsNoScore()
    {
        Fake.Handler = _ => FakeOpenAI.Error(500, "down");
        var evaluator = await MakeAsync(Fakes);

        await Should.ThrowAsync<GatewayCallException>(async () => await evaluator.ScoreAsync(Compared("east", EastAndNorth), default));
    }

    [Fact]
    public async Task UnknownSetting_IsRefused_AndAnotherModelIsAnotherFingerprint()
    {
        var fault = await Should.ThrowAsync<LlmOps.Evaluator.BadInputException>(async () => await MakeAsync("""{"modell":"x"}"""));

        fault.Message.ShouldBe("Evaluator embedding_similarity: modell is not known here; expected model, name.");
        (await MakeAsync(Fakes)).Fingerprint.ShouldNotBe((await MakeAsync(null)).Fingerprint);
    }

    private static ScoredAnswer Compared(string answer, IReadOnlyList<string> references) => new(Case() with { References = references }, Answer(answer), null);

    private void WithDirections() => Fake.Handler = request =>
    {
        var texts = FakeVectors.Texts(request.Json.GetProperty("input"))!;
        return FakeOpenAIEmbeddings.Handler(new FakeVectors { Send = _ => [.. texts.Select(text => Directions[text])] }, GatewayApplication.ProviderKey)(request);
    };

    private ValueTask<IEvaluator> MakeAsync(string? settings) => EvaluatorCatalogue.MakeAsync(Spec(EmbeddingSimilarity.Type, settings), new EvaluatorContext(Client, null), default);
}
