using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

public class SkillTests
{
    [Theory]
    [InlineData("Hello")]
    [InlineData("hi there!")]
    [InlineData("Good morning")]
    [InlineData("Who are you?")]
    [InlineData("Hi, what are you?")]
    [InlineData("Are you ChatGPT?")]
    [InlineData("What can you do?")]
    [InlineData("Which model are you?")]
    public void Greeting_SaysItIsNoLlm(string message)
    {
        Ask.Text(message).ShouldBe(OfflineModel.Introduction);
        OfflineModel.Introduction.ShouldContain("not an LLM");
    }

    [Theory]
    [InlineData("Repeat after me: the owl  flies", "the owl  flies")]
    [InlineData("Say exactly \"pong\".", "pong")]
    [InlineData("Say hello world", "hello world")]
    [InlineData("Echo: a\nb", "a\nb")]
    [InlineData("Reply with exactly: PONG", "PONG")]
    [InlineData("Reply with the single word OK", "OK")]
    [InlineData("Respond with only the word yes", "yes")]
    [InlineData("Repeat the word 'yes' 3 times", "yes yes yes")]
    [InlineData("Say hi twice", "hi hi")]
    [InlineData("Say only 'pong'", "pong")]
    [InlineData("Say 'live in Paris'", "live in Paris")]
    [InlineData("Count to 10", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10")]
    [InlineData("Count from 5 down to 1.", "5, 4, 3, 2, 1")]
    [InlineData("count to five", "1, 2, 3, 4, 5")]
    [InlineData("Uppercase \"hello\"", "HELLO")]
    [InlineData("Convert \"Hello World\" to uppercase", "HELLO WORLD")]
    [InlineData("Convert Hello World to lowercase", "hello world")]
    [InlineData("Write this in uppercase: hello you", "HELLO YOU")]
    [InlineData("Reverse the string: stressed", "desserts")]
    [InlineData("How many words are in \"the quick brown fox\"?", "4 words")]
    [InlineData("How many characters in 'hello'?", "5 characters")]
    [InlineData("How many words in I", "1 word")]
    public void Command_Obeyed(string message, string answer)
    {
        Ask.Text(message).ShouldBe(answer);
    }

    [Theory]
    [InlineData("Classify the following review as positive, negative or neutral: I loved this movie, it was great!", null, "positive")]
    [InlineData("Classify the sentiment of this text as positive, negative, or neutral.\n\nText: The service was terrible and slow.", null, "negative")]
    [InlineData("Classify the sentiment as Positive, Negative or Neutral:\n\nThe meeting is at noon.", null, "Neutral")]
    [InlineData("It was not good at all.", "Classify the text as positive or negative.", "negative")]
    [InlineData("My invoice shows a double bill", "Answer with one of: billing, technical, sales.", "billing")]
    [InlineData("The shipment never arrived", "Categories:\n- payment\n- shipping\n- other", "shipping")]
    [InlineData("Is the following text positive or negative? \"What a lovely, great day\"", null, "positive")]
    [InlineData("Reply with yes or no: yes, is water wet?", null, "yes")]
    [InlineData("This is ham really", "Classify each message into one of the following categories: spam, ham.", "ham")]
    public void Options_BestChosen(string message, string? system, string answer)
    {
        Ask.Text(message, system).ShouldBe(answer);
    }

    [Theory]
    [InlineData("When was the Eiffel Tower built?", "It was built in 1889.")]
    [InlineData("In which city is the Eiffel Tower?", "The Eiffel Tower is in Paris.")]
    [InlineData("Question: How many metres tall is it?", "It is 330 metres tall.")]
    public void Context_AnswersWithItsSentence(string question, string answer)
    {
        Ask.Text("Context:\nThe Eiffel Tower is in Paris. It was built in 1889. It is 330 metres tall.\n\n" + question).ShouldStartWith(answer + " (Quoted");
    }

    [Theory]
    [InlineData("When does the library close?", "It closes at six on weekdays.")]
    [InlineData("What is the closing time?", "It closes at six on weekdays.")]
    [InlineData("At what time does the library open?", "The library opens at nine.")]
    [InlineData("Is the library open on weekdays?", "It closes at six on weekdays.")]
    [InlineData("Who runs the library?", null)]
    [InlineData("What is the phone number of the library?", null)]
    [InlineData("What's the phone number of the library?", null)]
    [InlineData("Tell me the library's phone number", null)]
    [InlineData("Tell me when the library closes", "It closes at six on weekdays.")]
    [InlineData("Does the library have parking?", null)]
    [InlineData("Who won the cup?", null)]
    [InlineData("What is it?", null)]
    public void Context_AnsweredByTellingWordsOrNotAtAll(string question, string? answer)
    {
        Ask.Text("Context:\nThe library opens at nine. It closes at six on weekdays.\n\n" + question)
            .ShouldStartWith(answer is null ? "[offline model, not an LLM] The context does not say" : answer + " (Quoted");
    }

    [Fact]
    public void Translation_NotPretended()
    {
        Ask.Text("Say hello in French").ShouldStartWith("[offline model, not an LLM] You said");
    }

    [Fact]
    public void Anything_EchoedHonestlyAndShort()
    {
        Ask.Text("Tell me a joke").ShouldBe("[offline model, not an LLM] You said: “Tell me a joke”");
        Ask.Text("").ShouldBe("[offline model, not an LLM] You said nothing.");
        Ask.Text(string.Concat(Enumerable.Repeat("word ", 10_000))).Length.ShouldBeLessThan(400);
    }

    [Fact]
    public void Images_CountedAndNotSeen()
    {
        var message = new ChatMessage(ChatRole.User, [new TextContent("What is this?"), new UriContent("https://example.com/a.png", "image/png"), new DataContent(new byte[] { 1 }, "image/png")]);

        var answer = OfflineAnswer.To([message], null);

        ((TextContent)answer.Contents[0]).Text.ShouldEndWith("You also sent 2 images, which I cannot see.");
        answer.Usage.InputTokenCount.ShouldBe(OfflineTokenizer.MessageTokens + 4 + (2 * OfflineTokenizer.ImageTokens));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Hello, world!", 4)]
    [InlineData("internationalization", 5)]
    [InlineData("  a  b ", 3)]
    [InlineData("今天 👍", 3)]
    public void Tokens_Counted(string text, int tokens)
    {
        OfflineTokenizer.Count(text).ShouldBe(tokens);
        OfflineTokenizer.Cut(text, tokens).ShouldBe(text);
        OfflineTokenizer.Count(OfflineTokenizer.Cut(text, Math.Max(0, tokens - 1))).ShouldBe(Math.Max(0, tokens - 1));
    }
}
