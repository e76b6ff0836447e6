using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>An answer is decided the same streamed or not, wherever its chunks are cut; over real sockets.</summary>
public sealed class GuardedStreamTests : GuardedTests
{
    private const int Cuts = 25;

    private const string Harmless = "Call +49 30 901820 or write to bob@example.org 🌈, [EMAIL_1] has said so; 4111 1111 1111 1111 is a card. [";

    [Theory]
    [InlineData("Mask")]
    [InlineData("Restore")]
    public async Task ChangedText_IsTheSame(string action)
    {
        With("PersonalData", "Enforce");
        With("PersonalDataAction", action);
        Answer = FakeAnswer.Text(Harmless);
        var whole = await AskAsync(streaming: false, "I am alice@example.com");

        foreach (var pieces in Cut(Harmless))
        {
            Answer = FakeAnswer.Text(pieces);
            var streamed = await AskAsync(streaming: true, "I am alice@example.com");
            (streamed.Text, streamed.Complete).ShouldBe((whole.Text, true), string.Join('|', pieces));
        }
    }

    [Theory]
    [InlineData("The key is " + Key + ".", "Secrets")]
    [InlineData("It is Project \n Falcon, you know.", "BlockedWords")]
    [InlineData("Write to bob@example.org, or not.", "PersonalData")]
    public async Task RefusedText_IsRefused_AndNoneOfWhatItIsRefusedForLeaves(string text, string rule)
    {
        With(rule, "Enforce");
        With("BlockedWordList", "project falcon");
        Answer = FakeAnswer.Text(text);
        (await AskAsync(streaming: false)).Code.ShouldBe("content_policy");

        foreach (var pieces in Cut(text))
        {
            Answer = FakeAnswer.Text(pieces);
            var streamed = await AskAsync(streaming: true);
            (streamed.Code, streamed.Complete).ShouldBe(("content_policy", false), string.Join('|', pieces));
            text[..text.IndexOf(rule == "Secrets" ? "sk-" : rule == "BlockedWords" ? "Project" : "bob", StringComparison.Ordinal)].ShouldStartWith(streamed.Text, customMessage: string.Join('|', pieces));
        }
    }

    // Every one of them at least once, the rest at random.
    private static IEnumerable<string[]> Cut(string text)
    {
        yield return [.. text.EnumerateRunes().Select(rune => rune.ToString())];
        var random = new Random(42);
        for (var cut = 0; cut < Cuts; cut++)
        {
            List<string> pieces = [];
            for (var from = 0; from < text.Length;)
            {
                var to = Math.Min(text.Length, from + random.Next(1, 12));
                to += to < text.Length && char.IsLowSurrogate(text[to]) ? 1 : 0;
                pieces.Add(text[from..to]);
                from = to;
            }

            yield return [.. pieces];
        }
    }
}
