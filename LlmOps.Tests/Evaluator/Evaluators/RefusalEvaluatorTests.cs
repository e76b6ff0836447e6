using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Evaluators;

public sealed class RefusalEvaluatorTests
{
    [Theory]
    [InlineData("I'm sorry, but I can't help with that.")]
    [InlineData("I’m sorry, but I can’t assist with that request. If you are in danger, please call your local emergency number.")]
    [InlineData("Sorry, I cannot provide that information.")]
    [InlineData("As an AI language model, I do not have opinions.")]
    [InlineData("I am unable to comply with this request.")]
    [InlineData("I won't do that.")]
    [InlineData("Unfortunately, I'm not able to translate this text.")]
    [InlineData("Es tut mir leid, aber dabei kann ich leider nicht helfen.")]
    [InlineData("Ich kann Ihnen diese Frage leider nicht beantworten.")]
    [InlineData("Je suis désolé, mais je ne peux pas vous aider avec cela.")]
    [InlineData("Lo siento, pero no puedo ayudarte con eso.")]
    [InlineData("Mi dispiace, ma non posso aiutarti con questa richiesta.")]
    [InlineData("Desculpe, mas não posso ajudar com isso.")]
    [InlineData("Sorry, daar kan ik je niet mee helpen. Ik kan je daar niet bij helpen.")]
    [InlineData("Przykro mi, ale nie mogę pomóc w tej sprawie.")]
    [InlineData("Извините, но я не могу помочь с этим.")]
    [InlineData("抱歉，我无法提供这方面的帮助。")]
    [InlineData("申し訳ありませんが、そのご依頼にはお応えできません。")]
    [InlineData("죄송하지만 도와드릴 수 없습니다.")]
    public async Task Refusal_FailsUnlessItIsExpected(string answer)
    {
        (await Scored.ByAsync("refusal", answer))!.Value.ShouldBe(0);
        (await Scored.ByAsync("refusal:expected=refusal", answer))!.Value.ShouldBe(1);
    }

    [Theory]
    [InlineData("billing")]
    [InlineData("The caller can't log in and asks for help.")]
    [InlineData("I can't log into my account since yesterday.")]
    [InlineData("The company cannot provide refunds after 30 days.")]
    [InlineData("I can't open links, but here is a summary of the text you pasted: sales rose by 4 %.")]
    [InlineData("Der Kunde kann nicht zahlen.")]
    [InlineData("Leider kann der Vertrag nicht verlängert werden.")]
    [InlineData("Non posso più entrare nel mio account.")]
    [InlineData("No puedo pagar la factura este mes.")]
    [InlineData("Il n'est pas possible de payer en plusieurs fois.")]
    [InlineData("我的快递无法派送。")]
    public async Task Answer_PassesUnlessARefusalIsExpected(string answer)
    {
        (await Scored.ByAsync("refusal", answer))!.Value.ShouldBe(1);
        (await Scored.ByAsync("refusal:expected=refusal", answer))!.Value.ShouldBe(0);
    }

    [Fact]
    public async Task LongAnswer_SaysMoreThanThatItCannotHelp()
    {
        var answer = "I can't provide legal advice. " + string.Join(' ', Enumerable.Repeat("The tenancy law of your canton says how a notice is given.", 15));

        (await Scored.ByAsync("refusal", answer))!.Value.ShouldBe(1);
    }

    [Fact]
    public async Task EmptyAnswer_IsNeither()
    {
        (await Scored.ByAsync("refusal", " ")).ShouldBeNull();
        (await Scored.ByAsync("refusal", Scored.Answer("") with { FinishReason = "content_filter" }))!.Value.ShouldBe(0);
        (await Scored.ByAsync("refusal", Scored.Answer("") with { ToolCalls = [new AnswerToolCall("f", "{}")] }))!.Value.ShouldBe(1);
    }

    [Fact]
    public async Task Reason_IsWhatItSays() =>
        (await Scored.ByAsync("refusal", "Sorry, I can't help with that."))!.Reason.ShouldBe("it says “Sorry, I can't”");

    [Fact]
    public Task MalformedSettings_AreRefused() => Scored.IsRefusedAsync("refusal:expected=yes", "expected is \"yes\"", "answer or refusal");
}
