using LlmOps.Evaluator.Evaluators.Text;

namespace LlmOps.Tests.Evaluator.Evaluators.Text;

public sealed class RougeTests
{
    // google-research/google-research, rouge/testdata/target.txt and prediction.txt: random words, the first two pairs.
    private static readonly string[] References =
    [
        "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
        "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN",
    ];

    private static readonly string[] Answers =
    [
        "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
        "n cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD",
    ];

    // rouge/rouge_scorer_test.py there, testRouge1AgainstRouge155 and so on: what the original ROUGE-1.5.5 gives.
    [Theory]
    [InlineData("rouge_1", 0, 0.40741, 0.68750, 0.51163)]
    [InlineData("rouge_1", 1, 0.40476, 0.65385, 0.50000)]
    [InlineData("rouge_2", 0, 0.30769, 0.53333, 0.39024)]
    [InlineData("rouge_2", 1, 0.29268, 0.48000, 0.36364)]
    [InlineData("rouge_l", 0, 0.40741, 0.68750, 0.51163)]
    [InlineData("rouge_l", 1, 0.40476, 0.65385, 0.50000)]
    public async Task TextsOfRougeScore_HaveTheirPublishedScores(string type, int text, double recall, double precision, double f1)
    {
        var references = Scored.With(References[text]);

        (await Scored.ByAsync($"{type}:measure=recall", Answers[text], references))!.Value!.Value.ShouldBe(recall, 5e-6);
        (await Scored.ByAsync($"{type}:measure=precision", Answers[text], references))!.Value!.Value.ShouldBe(precision, 5e-6);
        (await Scored.ByAsync(type, Answers[text], references))!.Value!.Value.ShouldBe(f1, 5e-6);
    }

    // rouge/rouge_scorer_test.py there: testRouge1, testRouge2, testRougeLConsecutive, testRougeLNonConsecutive, testRougeEmpty.
    [Theory]
    [InlineData("rouge_1", "testing", 1.0 / 2)]
    [InlineData("rouge_2", "testing one", 2.0 / 3)]
    [InlineData("rouge_l", "testing one", 4.0 / 5)]
    [InlineData("rouge_l", "testing two", 4.0 / 5)]
    [InlineData("rouge_1", "", 0)]
    [InlineData("rouge_2", "", 0)]
    [InlineData("rouge_l", "", 0)]
    public async Task ShortTexts_HaveTheirPublishedScores(string type, string answer, double published)
    {
        var score = await Scored.ByAsync(type, answer, Scored.With("testing one two"));

        score!.Value!.Value.ShouldBe(published, 1e-12);
    }

    // Lin, 2004, section 3.1: ROUGE-L of S2, S3 and S4 by S1; ROUGE-2 does not tell S2 from S3, and prefers S4.
    [Theory]
    [InlineData("police kill the gunman", 3.0 / 4, 1.0 / 3)]
    [InlineData("the gunman kill police", 2.0 / 4, 1.0 / 3)]
    [InlineData("the gunman police killed", 2.0 / 4, 2.0 / 3)]
    public void LinsSentences_HaveTheirPublishedScores(string answer, double l, double two)
    {
        const string reference = "police killed the gunman";

        Rouge.L(answer, reference).F1.ShouldBe(l, 1e-12);
        Rouge.N(answer, reference, 2).F1.ShouldBe(two, 1e-12);
    }

    [Theory]
    [InlineData("Größe: über 3 µm", "über größe", 2.0 / 3)]
    [InlineData("Привет, мир", "мир", 2.0 / 3)]
    [InlineData("私は猫です", "私は犬です", 0.8)]
    [InlineData("snake_case don't", "snake case don t", 1)]
    public void WordsOfAnyScript_Count(string answer, string reference, double f1) => Rouge.N(answer, reference, 1).F1.ShouldBe(f1, 1e-12);

    [Fact]
    public async Task ReferenceOfTheBestF1_Counts()
    {
        // By recall alone the second one would be better.
        var score = await Scored.ByAsync("rouge_1:measure=recall", "a b c d e f g h", Scored.With("a b c d e f g h i", "a"));

        score!.Value!.Value.ShouldBe(8.0 / 9, 1e-12);
    }

    [Theory]
    [InlineData("rouge_l:measure=f2", "rouge_l", "measure", "f1 or precision or recall")]
    [InlineData("rouge_l:stem=true", "rouge_l", "stem", "measure")]
    public Task MalformedSettings_AreRefused(string evaluator, params string[] named) => Scored.IsRefusedAsync(evaluator, named);
}
