using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>Decisions of callers where something is in the way: of the call, of what is kept for it, or of the caller's own word.</summary>
public sealed class FunctionDecisionTests : FunctionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApprovalOfAToolThatIsAway_IsNotUsedUp(bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Not now."), FakeAnswer.Text("It is 3."));
        var approval = Reply(await AskAsync("openai", streaming), Yes);
        Tools.Without("add");
        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("Not now.");
        Fake.Requests[1].BodyText.ShouldContain("There is no tool");

        Tools.WithSum(needsApproval: true);

        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("It is 3.");
        Fake.Requests[2].BodyText.ShouldContain("sum 3");
        Tools.Calls.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApprovalOverALimit_IsNotUsedUp_AndWhatWasMadeIsNotMadeAgain(bool streaming)
    {
        var time = new ManualTime();
        Gateway.WithServices(services => services.AddSingleton<TimeProvider>(time)).With("Gateway:Functions:Tools:add:RequestsPerMinute", "1");
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2, "call_1"), Add(3, 4, "call_2")), FakeAnswer.Text("One."), FakeAnswer.Text("Both."));
        var approval = Reply(await AskAsync("openai", streaming), Yes, Yes);
        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("One.");
        Fake.Requests[1].BodyText.ShouldContain("used up");
        Tools.Calls.Count.ShouldBe(1);

        time.Advance(TimeSpan.FromMinutes(1));

        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("Both.");
        Fake.Requests[2].BodyText.ShouldContain("sum 3");
        Fake.Requests[2].BodyText.ShouldContain("sum 7");
        Tools.Calls.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallThatWasNotMadeWhenItWasApproved_IsNotMadeInALaterTurn(bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Not now."));
        var approval = Reply(await AskAsync("openai", streaming), Yes);
        Tools.Without("add");
        await AskAsync("openai", streaming, approval);
        Tools.WithSum(needsApproval: true);

        await AskAsync("openai", streaming, approval + """,{"role":"assistant","content":"Not now."},{"role":"user","content":"Never mind."}""");

        Tools.Calls.ShouldBeEmpty();
        Fake.Requests[2].BodyText.ShouldContain("It is not made now");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FirstDecision_Counts_AndIsAuditedOnce(bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2, "call_1"), Add(3, 4, "call_2")), FakeAnswer.Text("So."));
        var asked = await AskAsync("openai", streaming);
        await AskAsync("openai", streaming, Reply(asked, No, Yes));

        await AskAsync("openai", streaming, Reply(asked, Yes, No) + """,{"role":"user","content":"Sure?"}""");

        Tools.Calls.ShouldHaveSingleItem().Arguments.ShouldContain("\"b\":4");
        Fake.Requests[2].BodyText.ShouldContain("refused this call");
        Fake.Requests[2].BodyText.ShouldContain("sum 7");
        Gateway.Logs.All.Where(log => log.State.ContainsKey("Decision")).Select(log => log.Message).ShouldBe(
        [
            $"local of tenant default refused call {asked.Calls[0].Id} of tool add.",
            $"local of tenant default approved call {asked.Calls[1].Id} of tool add.",
        ]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NameThatIsAnotherToolsMeanwhile_IsNotCalled(bool streaming)
    {
        Tools.WithSum(needsApproval: true, sourceName: "a.b");
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Not that one."));
        var approval = Reply(await AskAsync("openai", streaming), Yes);

        Tools.WithSum(needsApproval: true, sourceName: "a_b");

        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("Not that one.");
        Tools.Calls.ShouldBeEmpty();
        Fake.Requests[1].BodyText.ShouldContain("not the tool any more");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallerWhoWantsNoCalls_HasItsApprovedCallMade_AndNoOther(bool streaming)
    {
        Tools.WithSum(needsApproval: true).WithSum("now");
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Calls(Add(5, 6, "call_2", "now")), FakeAnswer.Text("It is 3."));
        var approval = Reply(await AskAsync("openai", streaming, fields: $"\"tools\":[{Weather}]"), Yes);

        var answered = await AskAsync("openai", streaming, approval, $"\"tools\":[{Weather}],\"tool_choice\":\"none\"");

        answered.Text.ShouldBe("It is 3.");
        Tools.Calls.Select(call => call.Tool).ShouldBe(["add"]);
        Fake.Requests[2].BodyText.ShouldContain("There is no tool 'now'.");
        Gateway.Logs.All.Count(log => log.Message == "For local of tenant default tool unknown was called: unknown_tool after 0 ms.").ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatIsTooLargeToBeKept_IsAnError(bool streaming)
    {
        Gateway.With("Gateway:Endpoints:MaxBodyBytes", "20000");
        Tools.With("big", (_, _) => Task.FromResult(new ToolResult(new string('x', 20_000), false))).WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2, "call_1", "big"), Add(1, 2, "call_2")));

        var refused = await AskAsync("openai", streaming);

        refused.Code.ShouldBe("function_limit");
        refused.Body.ShouldContain("at most 20000 are kept");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BodyThatIsTooLarge_WithWhatWasKept_IsRefused(bool streaming)
    {
        Gateway.With("Gateway:Endpoints:MaxBodyBytes", "20000");
        Tools.With("big", (_, _) => Task.FromResult(new ToolResult(new string('x', 12_000), false))).WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2, "call_1", "big"), Add(1, 2, "call_2")), FakeAnswer.Calls(Add(1, 2, "call_3", "big"), Add(1, 2, "call_4")));
        var first = Reply(await AskAsync("openai", streaming), No);
        var second = Reply(await AskAsync("openai", streaming, first), Yes)[Hi.Length..];

        var refused = await AskAsync("openai", streaming, first + second);

        (refused.Status, refused.Code, Tools.Calls.Count(call => call.Tool == "add"), Fake.Requests.Count).ShouldBe((413, "request_too_large", 0, 2));
    }
}
