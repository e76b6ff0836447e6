using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

public sealed class PlaceholdersTests
{
    private static readonly ITextDetector[] Detectors = [new PersonalData(PersonalDataKinds.All), new LeakedSecrets()];

    [Fact]
    public void SameValue_HasTheSamePlaceholder()
    {
        string[] texts = ["john@x.org and mary@x.org", "john@x.org, JOHN@x.org, +49 30 1234567"];
        var placeholders = new Placeholders(texts);

        var masked = texts.Select(text => Mask(placeholders, text)).ToList();

        masked.ShouldBe(["[EMAIL_1] and [EMAIL_2]", "[EMAIL_1], [EMAIL_3], [PHONE_1]"]);
        placeholders.Count.ShouldBe(4);
    }

    [Fact]
    public void PlaceholderInTheTexts_IsNotGivenOutAndStays()
    {
        string[] texts = ["Write john@x.org", "as [EMAIL_1] or [EMAIL_2]"];
        var placeholders = new Placeholders(texts);

        var masked = Mask(placeholders, texts[0]);

        masked.ShouldBe("Write [EMAIL_3]");
        Restore(placeholders, "[EMAIL_1] [EMAIL_2] [EMAIL_3]").ShouldBe("[EMAIL_1] [EMAIL_2] john@x.org");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1000)]
    public void PlaceholderInPieces_IsRestored(int size)
    {
        const string text = "john@x.org, +49 30 1234567, DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111, 123-45-6789, 8.8.8.8";
        var placeholders = new Placeholders([text]);
        var masked = Mask(placeholders, text);
        var answer = $"[[EMAIL_1 [EMAIL_12] [email_1] [EMAIL_1]] {masked} [EMAIL_1";

        var restored = Restore(placeholders, answer, size);

        restored.ShouldBe($"[[EMAIL_1 [EMAIL_12] [email_1] john@x.org] {text} [EMAIL_1");
        masked.ShouldBe("[EMAIL_1], [PHONE_1], [IBAN_1], [CARD_1], [ID_1], [IP_1]");
    }

    [Fact]
    public void Restoring_HoldsBackNoMoreThanAPlaceholder()
    {
        var placeholders = new Placeholders(["john@x.org"]);
        Mask(placeholders, "john@x.org");
        var window = placeholders.Restoring();

        var left = window.Push("an array[INDEX_OF_SOMETHING");

        left.ShouldBe("an array[INDEX_OF_SOMETHING");
        window.Push("] [EM").ShouldBe("] ");
        window.Push("AIL_1]").ShouldBe("john@x.org");
        window.End().ShouldBeEmpty();
    }

    [Fact]
    public void ValueThatJsonWouldEscape_IsMaskedButNotRestored()
    {
        var placeholders = new Placeholders([]);

        var placeholder = placeholders.For(new Finding(FindingRules.HighEntropy, 0, 4), "a\"\\\n");

        placeholder.ShouldBe("[SECRET_1]");
        Restore(placeholders, placeholder).ShouldBe("[SECRET_1]");
    }

    private static string Mask(Placeholders placeholders, string text) => placeholders.Mask(text, Finding.In(text, Detectors));

    private static string Restore(Placeholders placeholders, string answer, int size = 1)
    {
        var window = placeholders.Restoring();
        return string.Concat(answer.Chunk(size).Select(piece => window.Push(new string(piece)))) + window.End();
    }
}
