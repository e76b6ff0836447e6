using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>Answers that must be JSON of a form; over real sockets.</summary>
public sealed class AnswerSchemaTests : GuardedTests
{
    private const string Format = "\"temperature\":1," + """
        "response_format":{"type":"json_schema","json_schema":{"name":"city","schema":{"type":"object","properties":{"name":{"type":"string"},"people":{"type":"integer"}},"required":["name","people"],"additionalProperties":false}}}
        """;

    private readonly Queue<string> _answers = new();

    public AnswerSchemaTests()
    {
        With("Schema", "Enforce");
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text(Halves(_answers.Dequeue())), GatewayApplication.ProviderKey);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RightAnswer_GoesOutAsItCame(bool streaming)
    {
        _answers.Enqueue("""{"name":"Rome","people":2748109}""");

        var answered = await AskAsync(streaming, fields: Format);

        (answered.Text, answered.Complete).ShouldBe(("""{"name":"Rome","people":2748109}""", true));
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WrongAnswer_IsAskedForOnceMore_AndPaidFor(bool streaming)
    {
        _answers.Enqueue("""{"name":"Rome","people":"many"}""");
        _answers.Enqueue("""{"name":"Rome","people":2748109}""");

        var answered = await AskAsync(streaming, fields: Format);

        (answered.Status, answered.Text, answered.Complete).ShouldBe((200, """{"name":"Rome","people":2748109}""", true));
        Fake.Requests.Count.ShouldBe(2);
        var again = Fake.Requests[1].Json.GetProperty("messages");
        again[1].GetProperty("content").GetString().ShouldBe("""{"name":"Rome","people":"many"}""");
        again[2].GetProperty("content").GetString()!.ShouldContain("people");
        (await MetricsAsync()).GetProperty("rules").GetProperty("schema").GetProperty("repaired").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatStaysWrong_IsRefused_AfterOneMore(bool streaming)
    {
        _answers.Enqueue("Rome");
        _answers.Enqueue("It is Rome.");

        var refused = await AskAsync(streaming, fields: Format);

        (refused.Status, refused.Code).ShouldBe((400, "content_policy"));
        Fake.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Monitored_WrongAnswerGoesOut_AndIsCounted(bool streaming)
    {
        With("Schema", "Monitor");
        _answers.Enqueue("Rome");

        (await AskAsync(streaming, fields: Format)).Text.ShouldBe("Rome");
        (await MetricsAsync()).GetProperty("rules").GetProperty("schema").GetProperty("monitored").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task SchemaThatCannotBeEnforced_IsRefused_BeforeAnythingIsSpent()
    {
        var refused = await AskAsync(false, fields: Format.Replace("\"additionalProperties\":false", "\"unevaluatedProperties\":false", StringComparison.Ordinal));

        (refused.Status, refused.Code).ShouldBe((400, "invalid_value"));
        refused.Json.GetProperty("error").GetProperty("param").GetString().ShouldBe("response_format.json_schema.schema");
        Fake.Requests.ShouldBeEmpty();
    }

    private static string[] Halves(string text) => [text[..(text.Length / 2)], text[(text.Length / 2)..]];
}
