using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class ChrFTests
{
    // mjpost/sacrebleu, test/test_chrf.py (f615c72), test_cases_effective_order: beta 3.
    [Theory]
    [InlineData("a", "a", 100)]
    [InlineData("", "reference", 0)]
    [InlineData("a b c", "a b c", 100)]
    [InlineData("a b c", "abc", 100)]
    [InlineData("", "c", 0)]
    [InlineData("aa", "ab", 25)]
    public async Task ShortTexts_HaveTheirPublishedScores(string answer, string reference, double published)
    {
        var score = await Scored.ByAsync("chrf:beta=3", answer, Scored.With(reference));

        (score!.Value!.Value * 100).ShouldBe(published, 1e-4);
    }

    // mjpost/sacrebleu, test/test_chrf.py (f615c72), test_cases_keep_whitespace: beta 3.
    [Theory]
    [InlineData(
        "Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.",
        "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.",
        67.3481606)]
    [InlineData(
        "risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .",
        "risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .",
        65.2414427)]
    public async Task Sentences_HaveTheirPublishedScores(string answer, string reference, double published)
    {
        var score = await Scored.ByAsync("chrf:beta=3,whitespace=true", answer, Scored.With(reference));

        (score!.Value!.Value * 100).ShouldBe(published, 1e-4);
    }

    // huggingface/evaluate, metrics/chrf/README.md: two sentences as a corpus, chrF2 and chrF2++, and without letter case.
    [Theory]
    [InlineData(0, false, 84.64214891738334)]
    [InlineData(2, false, 82.87263732906315)]
    [InlineData(2, true, 92.12853119829202)]
    public void Corpus_HasItsPublishedScore(int wordOrder, bool ignoresCase, double published)
    {
        (string Answer, string Reference)[] corpus =
        [
            ("The relationship between cats and dogs is not exactly friendly.", "The relationship between dogs and cats is not exactly friendly."),
            ("a good bookshop is just a genteel black hole that knows how to read.", "A good bookshop is just a genteel Black Hole that knows how to read."),
        ];
        var chrF = new ChrF(wordOrder);

        var counts = corpus.Select(each => ignoresCase ? chrF.Matches(each.Answer.ToLowerInvariant(), each.Reference.ToLowerInvariant()) : chrF.Matches(each.Answer, each.Reference)).ToList();
        var score = chrF.Score([.. counts[0].Zip(counts[1], (one, other) => (one.Answer + other.Answer, one.Reference + other.Reference, one.InCommon + other.InCommon))]);

        (score * 100).ShouldBe(published, 1e-9);
    }

    [Fact]
    public async Task BestReference_Counts()
    {
        var score = await Scored.ByAsync("chrf", "zwei Wörter", Scored.With("etwas anderes", "zwei Wörter"));

        score!.Value!.Value.ShouldBe(1, 1e-12);
    }

    [Fact]
    public async Task SignsBeyondFFFF_AreOneCharacterEach()
    {
        var score = await Scored.ByAsync("chrf", "🙂", Scored.With("🙃"));

        // Both begin with the same UTF-16 unit, which must not count.
        score!.Value.ShouldBe(0);
    }

    [Theory]
    [InlineData("chrf:word_order=3", "chrf", "word_order", "0 to 2")]
    [InlineData("chrf:beta=0", "chrf", "beta", "0.01")]
    [InlineData("chrf:whitespace=1", "chrf", "whitespace", "true or false")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
