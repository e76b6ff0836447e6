using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Configuration;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>Where modes may be set, and what each place does; over real sockets.</summary>
public sealed class GuardrailModesTests : GuardedTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Route_HasModesOfItsOwn(bool streaming)
    {
        With("PromptInjection", "Off");
        With("Routes:/v1:PromptInjection", "Enforce");

        var refused = await AskAsync(streaming, Attack);
        var answered = await ChatAsync(Attack);

        (refused.Status, refused.Code, answered.Status).ShouldBe((400, "content_policy", 200));
    }

    [Fact]
    public async Task Key_HasModesOfItsOwn_BeforeAllOthers()
    {
        With("Routes:/chat:PromptInjection", "Enforce");
        var key = await KeyAsync("""{"name":"lab","guardrails":{"prompt_injection":"off","secrets":"monitor"}}""");

        (await ChatAsync(Attack, key: key)).Status.ShouldBe(200);
        (await ChatAsync($"{Attack} {Key}", key: key)).Status.ShouldBe(200);
        (await ChatAsync(Attack)).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("""{"name":"lab","guardrails":{"prompt_injections":"off"}}""", "guardrails.prompt_injections")]
    [InlineData("""{"name":"lab","guardrails":{"secrets":"on"}}""", "guardrails.secrets")]
    [InlineData("""{"name":"lab","guardrails":"off"}""", "guardrails")]
    public async Task KeyWithAModeThatIsNone_IsRefused(string body, string field)
    {
        using var response = await AdminAsync(body);

        ((int)response.StatusCode).ShouldBe(400);
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("field").GetString().ShouldBe(field);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BlockedWord_IsRefused_InPrompts(bool streaming)
    {
        With("BlockedWordList", "project falcon,moonshot");

        (await AskAsync(streaming, "What is Project  Falcon?")).Code.ShouldBe("content_policy");
        (await AskAsync(streaming, "What is a moonshots?")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BlockedWord_IsRefused_InAnswers_AcrossChunks(bool streaming)
    {
        With("BlockedWordList", "project falcon");
        Answer = FakeAnswer.Text("It is pro", "ject fal", "con, of course.");

        var refused = await AskAsync(streaming);

        refused.Code.ShouldBe("content_policy");
        refused.Text.ShouldNotContain("fal");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TooLongPrompt_IsRefused(bool streaming)
    {
        With("MaxPromptCharacters", "20");

        (await AskAsync(streaming, new string('a', 21))).Code.ShouldBe("content_policy");
        (await AskAsync(streaming, new string('a', 20))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TooLongAnswer_IsRefused(bool streaming)
    {
        With("MaxAnswerCharacters", "10");

        var refused = await AskAsync(streaming);

        (refused.Code, refused.Complete).ShouldBe(("content_policy", false));
    }

    [Theory]
    [InlineData("Routes:v1:Secrets", "Off", "Routes")]
    [InlineData("PersonalDataKinds", "Email,Shoe", "Shoe")]
    [InlineData("Secrets", "On", "Secrets")]
    [InlineData("Judge", "Enforce", "AnswerJudge:Model")]
    [InlineData("AnswerJudge:Model", "no-such-model", "no-such-model")]
    public void Setting_ThatCannotBe_IsToldByItsKey(string key, string value, string told) =>
        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(($"Gateway:Guardrails:{key}", value))).Message.ShouldContain(told);
}
