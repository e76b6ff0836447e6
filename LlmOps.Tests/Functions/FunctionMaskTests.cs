using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>Personal data that providers do not see, although tools need and give them.</summary>
public sealed class FunctionMaskTests : FunctionTests
{
    private const string MailSchema = """{"type":"object","properties":{"to":{"type":"string"}}}""";
    private const string Ann = """{"role":"user","content":"Write to ann@example.com"}""";

    public FunctionMaskTests() => Gateway.With("Gateway:Guardrails:PersonalData", "Enforce");

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task Restored_ToolsSeeTheValues_AndProvidersNone(string provider, bool streaming)
    {
        Gateway.With("Gateway:Guardrails:PersonalDataAction", "Restore");
        Tools.With("mail", (_, _) => Task.FromResult(new ToolResult("Sent; bob@example.com has a copy.", false)), isCacheable: true, schema: MailSchema);
        Script(FakeAnswer.Calls(new FakeToolCall("call_1", "mail", """{"to":"[EMAIL_1]"}""")), FakeAnswer.Text("Sent to [EMAIL_1] and ", "[EMAIL_2]."));

        var answered = await AskAsync(provider, streaming, Ann);

        answered.Text.ShouldBe("Sent to ann@example.com and bob@example.com.");
        Tools.Calls.Single().Arguments.ShouldContain("ann@example.com");
        Fake.Requests.ShouldAllBe(request => !request.BodyText.Contains("example.com", StringComparison.Ordinal));
        Fake.Requests[1].BodyText.ShouldContain("[EMAIL_2] has a copy");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Masked_NobodySeesThem(bool streaming)
    {
        Gateway.With("Gateway:Guardrails:PersonalDataAction", "Mask");
        Tools.With("mail", (_, _) => Task.FromResult(new ToolResult("Sent; bob@example.com has a copy.", false)), schema: MailSchema);
        Script(FakeAnswer.Calls(new FakeToolCall("call_1", "mail", """{"to":"[EMAIL_1]"}""")), FakeAnswer.Text("Sent to [EMAIL_1] and [EMAIL_2]."));

        var answered = await AskAsync("openai", streaming, Ann);

        answered.Text.ShouldBe("Sent to [EMAIL_1] and [EMAIL_2].");
        Tools.Calls.Single().Arguments.ShouldBe("""{"to":"[EMAIL_1]"}""");
        Fake.Requests[1].BodyText.ShouldNotContain("bob@");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DataThatOnlyToolsHave_AreMaskedAsWell(bool streaming)
    {
        Gateway.With("Gateway:Guardrails:PersonalDataAction", "Restore");
        Tools.With("mail", (_, _) => Task.FromResult(new ToolResult("bob@example.com", false)), schema: MailSchema);
        Script(FakeAnswer.Of(new FakeChoice { Content = ["Let me see."], ToolCalls = [new FakeToolCall("call_1", "mail", "{}")] }), FakeAnswer.Text("It is [EM", "AIL_1]."));

        var answered = await AskAsync("openai", streaming);

        answered.Text.ShouldBe("Let me see.\n\nIt is bob@example.com.");
        Fake.Requests[1].BodyText.ShouldNotContain("bob@");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswersWithAnothersData_AreNotGivenAgain(bool streaming)
    {
        Gateway.With("Gateway:Guardrails:PersonalDataAction", "Restore");
        Tools.With("mail", (arguments, _) => Task.FromResult(new ToolResult($"{arguments.GetProperty("to").GetString()!.Length} letters", false)), isCacheable: true, schema: MailSchema);
        var call = FakeAnswer.Calls(new FakeToolCall("call_1", "mail", """{"to":"[EMAIL_1]"}"""));
        Script(call, FakeAnswer.Text("First."), call, FakeAnswer.Text("Second."));

        // The same to the cache, where both are [EMAIL_1].
        (await AskAsync("openai", streaming, Ann, "\"temperature\":0")).Text.ShouldBe("First.");
        (await AskAsync("openai", streaming, Ann.Replace("ann@", "catherine@", StringComparison.Ordinal), "\"temperature\":0")).Text.ShouldBe("Second.");

        Fake.Requests[3].BodyText.ShouldContain("21 letters");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApprovedCalls_HaveTheValuesToo(bool streaming)
    {
        Gateway.With("Gateway:Guardrails:PersonalDataAction", "Restore");
        Tools.With("mail", (_, _) => Task.FromResult(new ToolResult("Sent; bob@example.com has a copy.", false)), needsApproval: true, schema: MailSchema);
        Script(FakeAnswer.Calls(new FakeToolCall("call_1", "mail", """{"to":"[EMAIL_1]"}""")), FakeAnswer.Text("Sent."));

        var asked = await AskAsync("openai", streaming, Ann);
        asked.Calls.Single().Arguments.ShouldBe("""{"to":"ann@example.com"}""");
        var answered = await AskAsync("openai", streaming, Reply(asked, """{"approved":true}""").Replace(Hi, Ann, StringComparison.Ordinal));

        answered.Text.ShouldBe("Sent.");
        Tools.Calls.Single().Arguments.ShouldBe("""{"to":"ann@example.com"}""");
        Fake.Requests.ShouldAllBe(request => !request.BodyText.Contains("example.com", StringComparison.Ordinal));
    }
}
