using System.Text.Json;

namespace LlmOps.Tests.Evaluator.Evaluators.Matching;

public sealed class ContainsEvaluatorTests
{
    private const string Answer = "Hallo {name}, es sind noch 31 Pfund übrig.";

    [Theory]
    [InlineData("contains:text=31 Pfund", 1)]
    [InlineData("contains:text=31 pfund", 0)]
    [InlineData("contains:text=31 PFUND,ignore_case=true", 1)]
    [InlineData("contains:{\"all\":[\"31\",\"{name}\"]}", 1)]
    [InlineData("contains:{\"all\":[\"31\",\"{date}\"]}", 0)]
    [InlineData("contains:{\"any\":[\"31\",\"{date}\"]}", 1)]
    [InlineData("contains:{\"any\":[\"32\",\"{date}\"]}", 0)]
    [InlineData("contains:{\"text\":\"noch  31\\nPfund\",\"normalize\":\"whitespace\"}", 1)]
    [InlineData("not_contains:text=32", 1)]
    [InlineData("not_contains:text=31", 0)]
    [InlineData("not_contains:{\"any\":[\"32\",\"Übrig\"]}", 1)]
    [InlineData("not_contains:{\"any\":[\"32\",\"Übrig\"],\"ignore_case\":true}", 0)]
    public async Task TextsOfSettings_AreLookedFor(string evaluator, double value) => (await Scored.ByAsync(evaluator, Answer))!.Value.ShouldBe(value);

    [Theory]
    [InlineData("""{"must_include":["{name}","31"]}""", "contains", 1.0)]
    [InlineData("""{"must_include":["{name}","32"]}""", "contains", 0.0)]
    [InlineData("""{"must_include":"31"}""", "contains", 1.0)]
    [InlineData("""{"must_include":[]}""", "contains", null)]
    [InlineData("""{"must_include":7}""", "contains", null)]
    [InlineData("""{}""", "contains", null)]
    [InlineData("""{"must_include":["32"]}""", "not_contains", 1.0)]
    [InlineData("""{"must_include":["32","31"]}""", "not_contains", 0.0)]
    [InlineData("""{}""", "not_contains", null)]
    public async Task TextsOfMetadata_AreLookedFor(string metadata, string type, double? value)
    {
        var score = await Scored.ByAsync($"{type}:metadata=must_include", Answer, Scored.Case with { Metadata = JsonElement.Parse(metadata) });

        (score?.Value).ShouldBe(value);
        score?.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task ExpectedText_IsLookedForWhereNothingElseIsSaid()
    {
        (await Scored.ByAsync("contains", Answer, Scored.Expecting("31")))!.Value.ShouldBe(1);
        (await Scored.ByAsync("contains", "", Scored.Expecting("31")))!.Value.ShouldBe(0);
        (await Scored.ByAsync("contains", Answer)).ShouldBeNull();
    }

    [Fact]
    public async Task Reason_NamesWhatIsMissingOrFound()
    {
        (await Scored.ByAsync("contains:{\"all\":[\"31\",\"x\",\"y\"]}", Answer))!.Reason.ShouldBe("“x”, “y” are not in it");
        (await Scored.ByAsync("not_contains:text=31", Answer))!.Reason.ShouldBe("“31” is in it");
    }

    [Theory]
    [InlineData("contains:{\"text\":\"a\",\"any\":[\"b\"]}", "text and any are given", "one of them")]
    [InlineData("contains:{\"all\":[]}", "all is an empty array", "a list of texts")]
    [InlineData("contains:{\"all\":{}}", "all is an object", "a list of texts")]
    [InlineData("contains:{\"all\":[\"a\",\"\"]}", "all[1]", "not empty")]
    [InlineData("contains:text=", "text is \"\"", "a text that is not empty")]
    [InlineData("not_contains", "nothing is given", "text, any or metadata")]
    [InlineData("not_contains:{\"text\":\"x\",\"all\":[\"a\"]}", "all is not known here")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
