using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

public class SummaryTests
{
    private const string Bees =
        "Bees are insects that pollinate many crops. Dr. Maria Lopez has studied bees in the U.S. since 1998. She says that bees need flowers, water and shelter. "
        + "Farmers lose about 3.5% of their harvest when bees are missing. \"We must plant flowers,\" she told the council. It rained on Tuesday. The council will vote on a plan for bees in May.";

    private const string Trains =
        "The new railway line opened yesterday after ten years of work\nbetween the coast and the capital, and thousands came to see the first train.\n\n"
        + "Tickets cost 12.50 euros! Will the trains be on time? Officials at Rail Corp. promise that they will, e.g. by adding spare trains on busy days. Critics disagree.";

    private static readonly string[] Texts = [Bees, Trains, "One sentence only, which is long enough to be cut into several shorter pieces and still mean something.", Bees + "\n\n" + Trains, "- first point\n- second point\n- third point about points\n- fourth"];

    public static TheoryData<string> Instructions =>
    [
        "Summarize: {0}", "Summarise the following text clearly:\n\n{0}", "{0}\n\nTL;DR", "Please summarize this: \"\"\"{0}\"\"\"", "<text>{0}</text>\nSummarize the text above.",
        "Shorten this:\n---\n{0}\n---", "Context:\n{0}\n\nGive me a short summary of the context.", "Fasse den Text zusammen:\n{0}", "Resume el texto:\n{0}", "Résume ce texte :\n{0}", "Riassumi:\n{0}", "Resuma o texto:\n{0}",
    ];

    [Theory]
    [MemberData(nameof(Instructions))]
    public void Instruction_NotInSummary(string instruction)
    {
        foreach (string text in Texts)
        {
            string summary = Ask.Text(string.Format(null, instruction, text));

            summary.ShouldNotBeEmpty();
            Flat(text).ShouldContain(Flat(summary).Split(". ")[0].TrimEnd('.', '…'));
            summary.ShouldNotContain("summar", Case.Insensitive);
        }
    }

    [Theory]
    [InlineData("in one sentence", 1)]
    [InlineData("in 2 sentences", 2)]
    [InlineData("in at most two short sentences", 2)]
    [InlineData("in a single sentence", 1)]
    [InlineData("using 1-2 sentences", 2)]
    public void Sentences_Kept(string length, int most)
    {
        foreach (string text in Texts)
        {
            Sentences.Of(Ask.Text($"Summarize the following text {length}:\n\n{text}")).Count().ShouldBeLessThanOrEqualTo(most);
        }
    }

    [Theory]
    [InlineData("in at most 50 words", 50)]
    [InlineData("in under 30 words", 29)]
    [InlineData("in no more than twelve words", 12)]
    [InlineData("as a 20-word summary", 20)]
    [InlineData("in three words", 3)]
    [InlineData("in 1 word", 1)]
    public void Words_Kept(string length, int most)
    {
        foreach (string text in Texts)
        {
            string summary = Ask.Text($"Summarize the following text {length}:\n\n{text}");

            summary.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeInRange(1, most);
        }
    }

    [Theory]
    [InlineData("max 280 characters", 280)]
    [InlineData("at most 60 characters", 60)]
    [InlineData("10 characters", 10)]
    [InlineData("as a tweet", 280)]
    public void Characters_Kept(string length, int most)
    {
        foreach (string text in Texts)
        {
            Ask.Text($"Summarize the following text, {length}:\n\n{text}").Length.ShouldBeInRange(1, most);
        }
    }

    [Theory]
    [InlineData("three bullet points", 3)]
    [InlineData("2 bullets", 2)]
    [InlineData("bullet points", 3)]
    public void Bullets_ExactlyAsMany(string length, int count)
    {
        foreach (string text in Texts)
        {
            string[] lines = Ask.Text($"Summarize the following text in {length}:\n\n{text}").Split('\n');

            lines.Length.ShouldBe(count);
            lines.ShouldAllBe(line => line.StartsWith("- "));
        }
    }

    [Fact]
    public void UsersLength_WinsOverSystems()
    {
        Sentences.Of(Ask.Text(Bees, "You summarise texts in one sentence.")).Count().ShouldBe(1);
        Sentences.Of(Ask.Text("In two sentences: " + Bees, "You summarise texts in one sentence.")).Count().ShouldBe(2);
        Sentences.Of(Ask.Text("Summarize in 3 sentences: " + Bees, "Answer in 5 words.")).Count().ShouldBe(3);
    }

    [Fact]
    public void EarlierMessage_CanBeSummarised()
    {
        ChatMessage[] messages = [new(ChatRole.User, Bees), new(ChatRole.Assistant, "ok"), new(ChatRole.User, "Now summarize that in one sentence.")];

        var answer = OfflineAnswer.To(messages, null);

        ((TextContent)answer.Contents[0]).Text.ShouldBe("Bees are insects that pollinate many crops.");
    }

    [Theory]
    [InlineData("Summarize the plot of Hamlet")]
    [InlineData("Summarize:")]
    public void NoText_SaidSo(string message)
    {
        Ask.Text(message).ShouldStartWith(OfflineModel.Mark);
    }

    [Fact]
    public void StatedSummary_IsNoRequest()
    {
        Ask.Text("To summarize, we won. In summary, it was good.").ShouldStartWith(OfflineModel.Mark);
    }

    [Fact]
    public void SentenceEnds_Recognised()
    {
        Sentences.Of(Bees).Count().ShouldBe(7);
        Sentences.Of(Trains).ShouldBe(
        [
            "The new railway line opened yesterday after ten years of work between the coast and the capital, and thousands came to see the first train.",
            "Tickets cost 12.50 euros!", "Will the trains be on time?", "Officials at Rail Corp. promise that they will, e.g. by adding spare trains on busy days.", "Critics disagree.",
        ]);
        Sentences.Of("He lives in the U.S. The sun shines. “Stop!” he cried. J. K. Rowling wrote it.").Count().ShouldBe(4);
        Sentences.Of("今天天气很好。我们去公园！「好吗？」他说。").Count().ShouldBe(4);
    }

    private static string Flat(string text) => string.Join(' ', text.Replace("- ", "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
