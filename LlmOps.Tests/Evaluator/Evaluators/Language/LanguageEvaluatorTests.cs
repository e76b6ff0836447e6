using System.Text.Json;

namespace LlmOps.Tests.Evaluator.Evaluators.Language;

public sealed class LanguageEvaluatorTests
{
    private const string German = "Das ist eine kurze Zusammenfassung des Textes, die nicht zu lang sein soll.";
    private const string English = "This is a short summary of the text, which should not be too long.";

    [Theory]
    [InlineData("language:code=de", German, 1)]
    [InlineData("language:code=de-CH", German, 1)]
    [InlineData("language:code=en", German, 0)]
    [InlineData("language:code=nb", "Dette er bare en kort tekst, og etter det ble det ikke noe mer. Hva er det som skjer nå?", 1)]
    public async Task Answer_IsInTheCodesLanguageOrNot(string evaluator, string answer, double value) => (await Scored.ByAsync(evaluator, answer))!.Value.ShouldBe(value);

    [Fact]
    public async Task Reason_SaysWhichItIs() => (await Scored.ByAsync("language:code=en", German))!.Reason.ShouldBe("it is in de, not in en");

    [Theory]
    [InlineData(German, 1.0)]
    [InlineData(English, 0.0)]
    [InlineData("OK.", null)]
    [InlineData("", null)]
    public async Task Answer_IsInTheVariablesLanguageOrNot(string answer, double? value)
    {
        var @case = Scored.Case with { Variables = new Dictionary<string, string> { ["text"] = "Der Vertrag endet am 31. Mai, wenn er nicht verlängert wird." } };

        ((await Scored.ByAsync("language:of=text", answer, @case))?.Value).ShouldBe(value);
        (await Scored.ByAsync("language:of=other", answer, @case)).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"target":"de"}""", 1.0, false)]
    [InlineData("""{"target":"fr"}""", 0.0, false)]
    [InlineData("""{"target":"sw"}""", null, false)]
    [InlineData("""{"target":"German language"}""", null, true)]
    [InlineData("""{"target":7}""", null, true)]
    [InlineData("""{}""", null, false)]
    public async Task Answer_IsInTheMetadatasLanguageOrNot(string metadata, double? value, bool fails)
    {
        var score = await Scored.ByAsync("language:metadata=target", German, Scored.Case with { Metadata = JsonElement.Parse(metadata) });

        (score?.Value).ShouldBe(value);
        (score?.Failure is not null).ShouldBe(fails);
    }

    [Fact]
    public async Task ExpectedText_IsTheCodeWhereNothingElseIsSaid()
    {
        (await Scored.ByAsync("language", German, Scored.Expecting("de")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("language", German)).ShouldBeNull();
    }

    [Theory]
    [InlineData("language:code=german", "code is \"german\"", "one of am, ar, bg")]
    [InlineData("language:code=de,of=text", "more than one of code, of and metadata")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
