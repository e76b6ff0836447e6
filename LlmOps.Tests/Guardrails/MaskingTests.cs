using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Guardrails;

/// <summary>Personal data that models do not see; over real sockets.</summary>
public sealed class MaskingTests : GuardedTests
{
    public MaskingTests() => With("PersonalData", "Enforce");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuse_LetsNoneIn(bool streaming)
    {
        var refused = await AskAsync(streaming, "I am alice@example.com");

        (refused.Status, refused.Code).ShouldBe((400, "content_policy"));
        refused.Json.GetRawText().ShouldNotContain("alice");
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuse_LetsNoneOut(bool streaming)
    {
        Answer = FakeAnswer.Text("Write to ", "bob@exam", "ple.org or to nobody.");

        var refused = await AskAsync(streaming);

        refused.Code.ShouldBe("content_policy");
        refused.Text.ShouldNotContain("bob");
        refused.Complete.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mask_HidesThem_OnTheWayInAndOut(bool streaming)
    {
        With("PersonalDataAction", "Mask");
        Answer = FakeAnswer.Text("Dear [EMAIL_1], write to ", "bob@exam", "ple.org.");

        var answered = await AskAsync(streaming, "I am alice@example.com, again: alice@example.com");

        Received.ShouldBe("I am [EMAIL_1], again: [EMAIL_1]");
        (answered.Status, answered.Complete).ShouldBe((200, true));
        answered.Text.ShouldBe("Dear [EMAIL_1], write to [EMAIL_2].");
        (await MetricsAsync()).GetProperty("outcomes").GetProperty("masked").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_GivesTheValuesBack_Exactly(bool streaming)
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Text("Dear [EM", "AIL_1", "], your number is [PHO", "NE_1]; [EMAIL_7] is nobody's [");

        var answered = await AskAsync(streaming, "I am alice+x@example.com, +49 30 901820");

        Received.ShouldNotContain("alice");
        Received.ShouldNotContain("901820");
        answered.Text.ShouldBe("Dear alice+x@example.com, your number is +49 30 901820; [EMAIL_7] is nobody's [");
        answered.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task Restore_OutsideV1_StreamsTheValues()
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Text("Dear [EM", "AIL_1", "]!");

        (await ChatAsync("I am alice@example.com", "/chat/stream")).Text.ShouldBe("Dear alice@example.com!");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_ReachesTheArgumentsOfTools(bool streaming)
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Calls(new FakeToolCall("call_1", "mail", "{\"to\":\"[EMA", "IL_1]\"}"));
        const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"mail\"}}]";
        var body = $$"""{"model":"gpt-4o","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Mail alice@example.com"}],{{Tools}}}""";

        using var response = await Gateway.CompleteAsync(body, streaming);
        var calls = streaming
            ? string.Concat((await SseText.ReadAsync(response)).Chunks.SelectMany(chunk => chunk.ListAt("choices")).SelectMany(choice => choice.GetProperty("delta").ListAt("tool_calls")).Select(call => call.GetProperty("function").TextAt("arguments")))
            : JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString();

        calls.ShouldBe("{\"to\":\"alice@example.com\"}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FieldsThatNobodyKnows_SurviveInBothDirections(bool streaming)
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Text("Dear [EMAIL_1]") with { Extra = """{"vendor":{"x":[1,null]}}""" };

        var body = $$$"""{"model":"gpt-4o","stream":{{{(streaming ? "true" : "false")}}},"messages":[{"role":"user","content":[{"type":"text","text":"alice@example.com","cache_control":{"type":"ephemeral"}}]}],"vendor_option":{"y":2}}""";
        using var response = await Gateway.CompleteAsync(body, streaming);
        var text = await response.Content.ReadAsStringAsync();

        Fake.Requests.Single().Json.GetProperty("vendor_option").GetProperty("y").GetInt32().ShouldBe(2);
        Fake.Requests.Single().Json.GetProperty("messages")[0].GetProperty("content")[0].GetProperty("cache_control").GetProperty("type").GetString().ShouldBe("ephemeral");
        text.ShouldContain("\"vendor\":{\"x\":[1,null]}");
        text.ShouldNotContain("EMAIL_1");
    }

    [Fact]
    public async Task SeveralChoices_AreEachRestored_InAStream()
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Of(new FakeChoice { Content = ["One [EMA", "IL_1]"] }, new FakeChoice { Content = ["Two [E", "MAIL_1]."] });

        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","stream":true,"n":2,"messages":[{"role":"user","content":"alice@example.com"}]}""", stream: true);
        var choices = (await SseText.ReadAsync(response)).Chunks.SelectMany(chunk => chunk.ListAt("choices")).ToLookup(choice => choice.GetProperty("index").GetInt32(), choice => choice.GetProperty("delta").TextAt("content"));

        string.Concat(choices[0]).ShouldBe("One alice@example.com");
        string.Concat(choices[1]).ShouldBe("Two alice@example.com.");
    }

    [Fact]
    public async Task TwoPeople_WhoAskTheSame_ShareAnAnswer_AndGetTheirOwnValues()
    {
        With("PersonalDataAction", "Restore");
        Answer = FakeAnswer.Text("Dear [EMAIL_1]!");

        var first = await AskAsync(false, "I am alice@example.com", "\"temperature\":0");
        var second = await AskAsync(true, "I am bob@example.org", "\"temperature\":0");

        (first.Text, second.Text).ShouldBe(("Dear alice@example.com!", "Dear bob@example.org!"));
        Fake.Requests.Count.ShouldBe(1);
    }
}
