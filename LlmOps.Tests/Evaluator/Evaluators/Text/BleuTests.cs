using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class BleuTests
{
    // mjpost/sacrebleu, test/test_sentence_bleu.py (f615c72): exponential smoothing, effective order.
    private const string Answer = "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;";
    private const string Reference = "producţia de zahăr brut se exprimă în zahăr alb;";

    [Theory]
    [InlineData("bleu", 8.493)]
    [InlineData("bleu:tokenize=none", 7.347)]
    [InlineData("bleu:tokenize=char", 40.8759)]
    [InlineData("bleu:tokenize=char,ignore_case=true", 42.0267)]
    public async Task SacrebleusSentence_HasItsPublishedScore(string evaluator, double published)
    {
        var score = await Scored.ByAsync(evaluator, Answer, Scored.With(Reference));

        (score!.Value!.Value * 100).ShouldBe(published, 1e-3);
    }

    [Fact]
    public async Task NothingInCommon_IsZeroInSpiteOfSmoothing()
    {
        // mjpost/sacrebleu, test/test_sentence_bleu.py (f615c72), and its issue 141.
        var score = await Scored.ByAsync("bleu", "this is a cat", Scored.With("okay thanks"));

        score!.Value.ShouldBe(0);
    }

    // mjpost/sacrebleu, test/test_bleu.py (f615c72): effective order, texts that need no smoothing.
    [Theory]
    [InlineData("test", "a test", 0.3678794411714425)]
    [InlineData("a test", "a test", 1.0)]
    [InlineData("this is a test", "this is a test", 1.0)]
    public void ShortTexts_HaveTheirPublishedScores(string answer, string reference, double published) =>
        Bleu.Of(Tokens.Of13A(answer), [Tokens.Of13A(reference)]).Score.ShouldBe(published, 1e-8);

    [Fact]
    public void Counts_AreThosePublished()
    {
        // mjpost/sacrebleu, test/test_bleu.py (f615c72), test_case_statistics.
        var bleu = Bleu.Of(Tokens.Of13A("am I am a character sequence"), [Tokens.Of13A("I am a symbol string sequence a a")]);

        bleu.InCommon.ShouldBe([4, 2, 1, 0]);
        bleu.Total.ShouldBe([6, 5, 4, 3]);
    }

    [Fact]
    public void ScoreOfCounts_IsThatPublished()
    {
        // mjpost/sacrebleu, test/test_bleu.py (f615c72), test_case_scoring.
        new Bleu(11, 11, [9, 7, 5, 3], [10, 8, 6, 4]).Score.ShouldBe(0.8375922397, 1e-8);
    }

    [Fact]
    public void SacrebleusCorpus_HasItsPublishedScore()
    {
        // mjpost/sacrebleu, README.md and test/test_bleu.py (f615c72): BLEU = 48.530827, 17 words, 18 of the references.
        (string Answer, string[] References)[] corpus =
        [
            ("The dog bit the man.", ["The dog bit the man.", "The dog had bit the man."]),
            ("It wasn't surprising.", ["It was not unexpected.", "No one was surprised."]),
            ("The man had just bitten him.", ["The man bit him first.", "The man had bitten the dog."]),
        ];

        var bleu = Sum(corpus);

        (bleu.AnswerLength, bleu.ReferenceLength).ShouldBe((17, 18));
        (bleu.Score * 100).ShouldBe(48.530827, 1e-6);
    }

    [Fact]
    public void HuggingFacesCorpus_HasItsPublishedScore()
    {
        // huggingface/evaluate, metrics/sacrebleu/README.md.
        (string Answer, string[] References)[] corpus =
        [
            ("hello there general kenobi", ["hello there general kenobi", "hello there !"]),
            ("on our way to ankh morpork", ["goodbye ankh morpork", "ankh morpork"]),
        ];

        var bleu = Sum(corpus);

        (bleu.AnswerLength, bleu.ReferenceLength).ShouldBe((10, 7));
        bleu.InCommon.ShouldBe([6, 4, 2, 1]);
        bleu.Total.ShouldBe([10, 8, 6, 4]);
        (bleu.Score * 100).ShouldBe(39.76353643835252, 1e-9);
    }

    [Theory]
    [InlineData("", "a reference", 0)]
    [InlineData("   \n", "a reference", 0)]
    [InlineData("an answer", "", 0)]
    [InlineData("今日は 晴れ です。", "今日は 晴れ です。", 1)]
    [InlineData("🙂🙂 ok", "🙂🙂 ok", 1)]
    public async Task UnusualTexts_HaveAScore(string answer, string reference, double expected)
    {
        var score = await Scored.ByAsync("bleu", answer, Scored.With(reference));

        score!.Value!.Value.ShouldBe(expected, 1e-12);
    }

    private static Bleu Sum(IEnumerable<(string Answer, string[] References)> corpus)
    {
        var sentences = corpus.Select(each => Bleu.Of(Tokens.Of13A(each.Answer), [.. each.References.Select(Tokens.Of13A)])).ToList();
        return new Bleu(
            sentences.Sum(each => each.AnswerLength),
            sentences.Sum(each => each.ReferenceLength),
            [.. Enumerable.Range(0, 4).Select(order => sentences.Sum(each => each.InCommon[order]))],
            [.. Enumerable.Range(0, 4).Select(order => sentences.Sum(each => each.Total[order]))]);
    }
}
