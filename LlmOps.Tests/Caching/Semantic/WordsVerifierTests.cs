using System.Text.Json;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Embeddings;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>Which questions are the same to the verifier: none that ask something else, whatever their likeness.</summary>
public sealed class WordsVerifierTests
{
    /// <summary>Three quarters of what it recognizes today: a change that costs more than that is seen.</summary>
    private const double LeastRecall = 0.25;

    [Fact]
    public void OfTheLabelledPairs_NoneThatAskSomethingElse_AreTheSame()
    {
        var pairs = Read("pairs.jsonl").ToList();

        pairs.Count(pair => pair.Same).ShouldBeGreaterThan(500);
        pairs.Count(pair => !pair.Same).ShouldBeGreaterThan(500);
        pairs.Where(pair => !pair.Same && AreSame(pair)).ShouldBeEmpty();
        (pairs.Count(pair => pair.Same && AreSame(pair)) / (double)pairs.Count(pair => pair.Same)).ShouldBeGreaterThan(LeastRecall);
    }

    [Fact]
    public void OfThePairsMadeToDeceiveIt_NoneAreTheSame()
    {
        var pairs = Read("near-misses.jsonl").ToList();

        pairs.Count.ShouldBeGreaterThan(500);
        pairs.Where(AreSame).ShouldBeEmpty();
    }

    [Fact]
    public void Verdict_IsTheSame_WhicheverWasAskedFirst()
    {
        foreach (var (one, other, _) in Read("pairs.jsonl").Concat(Read("near-misses.jsonl")))
        {
            (WordsVerifier.Refusal(one, other) is null).ShouldBe(WordsVerifier.Refusal(other, one) is null, $"{one} | {other}");
        }
    }

    [Fact]
    public void EveryQuestion_IsTheSameAsItself()
    {
        foreach (var (one, other, _) in Read("pairs.jsonl").Concat(Read("near-misses.jsonl")))
        {
            WordsVerifier.Refusal(one, one).ShouldBeNull();
            WordsVerifier.Refusal(other, other).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("How do I enable 2FA?", "How do I disable 2FA?", "words")]
    [InlineData("What is 2+2?", "What is 2+3?", "numbers")]
    [InlineData("What is 2+3?", "What is 2-3?", "operators")]
    [InlineData("What is the capital of France?", "What is the capital of Germany?", "words")]
    [InlineData("Can I eat this?", "Can't I eat this?", "negation")]
    [InlineData("Who is the president?", "Who was the president?", "tense")]
    [InlineData("Can I park here?", "Should I park here?", "tense")]
    [InlineData("How do I polish shoes?", "How do I Polish shoes?", "names")]
    [InlineData("Convert euros to dollars", "Convert dollars to euros", "order of words")]
    [InlineData("Is coffee stronger than tea?", "Is tea stronger than coffee?", "order of words")]
    [InlineData("Where is the station?", "When is the station?", "kind of question")]
    [InlineData("Translate: good morning", "Translate: good evening", "quoted text")]
    [InlineData("What does `a == b` do?", "What does `a = b` do?", "quoted text")]
    [InlineData("Say \"hello\"", "Say \"Hello\"", "quoted text")]
    [InlineData("Was kostet ein Bier?", "Was kostet kein Bier?", "words")]
    public void Refusal_SaysWhy(string one, string other, string reason) => WordsVerifier.Refusal(one, other).ShouldBe(reason);

    [Theory]
    [InlineData("What is the capital of France?", "what's france's capital")]
    [InlineData("What is the capital of France?", "Can you tell me what the capital of France is, please?")]
    [InlineData("How do I reset my password?", "How can I reset my password")]
    [InlineData("How do I reset my password?", "Hi! What's the best way to reset my password?", false)]
    [InlineData("In Python, how do I sort a list?", "how to sort a list in python")]
    [InlineData("What's the difference between a list and a tuple in Python?", "difference between a tuple and a list in python")]
    [InlineData("Who wrote Hamlet?", "Who is the author of Hamlet?")]
    [InlineData("How tall is Mount Everest?", "What is the height of Mount Everest?")]
    [InlineData("Summarize this: It rained.", "Please summarise this: It rained.")]
    [InlineData("Do you have two rooms?", "do you have 2 rooms")]
    [InlineData("What is 1,000 times 3?", "what is 1000 times 3")]
    [InlineData("Wie heißt die Hauptstadt von Frankreich?", "Wie heißt die Hauptstadt von Frankreich")]
    public void SameQuestionInOtherWords_IsRecognized(string one, string other, bool isSame = true) =>
        (WordsVerifier.Refusal(one, other) is null).ShouldBe(isSame);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("?")]
    [InlineData("'")]
    [InlineData("\"")]
    [InlineData("```")]
    [InlineData(":")]
    [InlineData("please")]
    [InlineData("'s 's 's of of the the")]
    [InlineData("\ud83d")]
    [InlineData("🌈🌈 \u0301\u0301 \u200f")]
    [InlineData("between and and between")]
    public void OddText_IsNoProblem(string text)
    {
        WordsVerifier.Refusal(text, text).ShouldBeNull();
        var vector = new float[256];
        OfflineEmbedding.Embed(text, vector);
        vector.ShouldAllBe(number => float.IsFinite(number));
    }

    [Fact]
    public void RandomText_IsNoProblem_AndTakesNoTime()
    {
        var random = new Random(3);
        var words = Read("pairs.jsonl").SelectMany(pair => pair.One.Split(' ')).Distinct().ToArray();
        for (var round = 0; round < 2_000; round++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(1, 120)).Select(_ => words[random.Next(words.Length)]));
            WordsVerifier.Refusal(text, text).ShouldBeNull();
        }
    }

    [Fact]
    public void Embedding_OfTheSameQuestion_IsNear_AndOfAnotherIsNot()
    {
        Similarity("What is the capital of France?", "what's france's capital").ShouldBeGreaterThan(0.95f);
        Similarity("How do I enable 2FA?", "How do I disable 2FA?").ShouldBeLessThan(0.95f);
        Math.Abs(Similarity("What is the capital of France?", "My printer makes a strange noise")).ShouldBeLessThan(0.4f);
    }

    [Theory]
    [InlineData("please ")]
    [InlineData("' ")]
    [InlineData(".")]
    [InlineData("between and ")]
    [InlineData("how do i ")]
    public void LongText_IsEmbeddedInItsTime(string piece)
    {
        var vector = new float[256];
        OfflineEmbedding.Embed(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)), vector);
        vector.ShouldAllBe(number => float.IsFinite(number));
        OfflineEmbedding.Embed(string.Concat(Enumerable.Repeat(piece, 4_000 / piece.Length)), vector);
        vector.ShouldAllBe(number => float.IsFinite(number));
    }

    [Fact]
    public void Embedding_IsTheSameOnEveryMachine()
    {
        var vector = new float[16];
        OfflineEmbedding.Embed("What is the capital of France?", vector);
        string.Join(' ', vector.Select(number => number.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture))).ShouldBe(KnownVector);
    }

    private const string KnownVector = "0.046 0.000 0.006 0.213 0.079 0.073 0.000 -0.079 0.756 -0.164 0.381 -0.371 -0.170 0.158 0.000 0.000";

    private static float Similarity(string one, string other)
    {
        var (first, second) = (new float[256], new float[256]);
        OfflineEmbedding.Embed(one, first);
        OfflineEmbedding.Embed(other, second);
        return first.Zip(second, (x, y) => x * y).Sum();
    }

    private static bool AreSame((string One, string Other, bool Same) pair) => WordsVerifier.Refusal(pair.One, pair.Other) is null;

    private static IEnumerable<(string One, string Other, bool Same)> Read(string file)
    {
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)))
        {
            var pair = JsonElement.Parse(line);
            yield return (pair.GetProperty("a").GetString()!, pair.GetProperty("b").GetString()!, pair.GetProperty("same").GetBoolean());
        }
    }
}
