using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>Tools, models, providers and callers that fail while tools of the gateway are called, through each provider's protocol, streamed and not.</summary>
public sealed class FunctionFailureTests : FunctionTests
{
    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ToolThatFails_IsToldToTheModel(string provider, bool streaming)
    {
        Tools.With("add", (_, _) => throw new InvalidOperationException("a secret of the tool's"));
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Sorry."));

        var answered = await AskAsync(provider, streaming);

        (answered.Status, answered.Text).ShouldBe((200, "Sorry."));
        Fake.Requests[1].BodyText.ShouldContain("failed");
        Fake.Requests[1].BodyText.ShouldNotContain("a secret");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ToolThatThereIsNot_IsToldToTheModel(string provider, bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(Add(1, 2, name: "subtract")), FakeAnswer.Text("Sorry."));

        (await AskAsync(provider, streaming)).Text.ShouldBe("Sorry.");

        Fake.Requests[1].BodyText.ShouldContain("There is no tool");
        Tools.Calls.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ToolThatHangs_EndsWithTheRequestsTime(string provider, bool streaming)
    {
        Tools.With("add", async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return default;
        });
        Script(FakeAnswer.Calls(Add(1, 2)));

        var answered = await AskAsync(provider, streaming, headers: ("X-LlmOps-Timeout", "1"));

        (answered.Status, answered.Code, Fake.Requests.Count).ShouldBe((504, "deadline_exceeded", 1));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task CallerThatLeaves_EndsTheTool_AndNothingBeginsAfter(string provider, bool streaming)
    {
        var (begun, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        Tools.With("add", async (_, token) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
            finally
            {
                ended.SetResult();
            }

            return default;
        });
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Nobody hears this."));
        using var leaving = new CancellationTokenSource();
        var asked = Gateway.CompleteAsync(Body(Providers.TestedProvider.Named(provider), streaming), streaming, leaving.Token);
        await begun.Task;

        leaving.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(asked);
        await ended.Task;
        await Conditions.HoldsAsync(async () => JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats")).GetProperty("requests").GetInt64() == 1);
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ArgumentsThatAreNoJson_AreToldToTheModel_AndNotSentBack(bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(new FakeToolCall("call_1", "add", "{\"a\":")), FakeAnswer.Text("Sorry."));

        (await AskAsync("openai", streaming)).Text.ShouldBe("Sorry.");

        Fake.Requests[1].Json.GetProperty("messages")[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().ShouldBe("{}");
        Fake.Requests[1].Json.GetProperty("messages")[2].GetProperty("role").GetString().ShouldBe("tool");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerThatBrokeOff_CallsNothing(bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Of(new FakeChoice { Content = ["Let me"], ToolCalls = [Add(1, 2)], FinishReason = "length" }));

        var answered = await AskAsync("openai", streaming);

        (answered.Text, answered.FinishReason, answered.Calls.Count, Tools.Calls.Count, Fake.Requests.Count).ShouldBe(("Let me", "length", 0, 0, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FailureInALaterRound_IsAStatusWhileNothingWasSent(bool streaming)
    {
        Tools.WithSum();
        Fake.Enqueue(
            streaming ? FakeOpenAI.StreamReply(FakeAnswer.Calls(Add(1, 2)), includeUsage: true) : FakeOpenAI.Reply(FakeAnswer.Calls(Add(1, 2))),
            FakeOpenAI.Error(500, "The server had an error", "server_error"));

        (await AskAsync("openai", streaming)).Status.ShouldBe(502);
    }

    [Fact]
    public async Task FailureInALaterRound_AfterTextWasSent_EndsTheStream()
    {
        Tools.WithSum();
        Fake.Enqueue(
            FakeOpenAI.StreamReply(FakeAnswer.Of(new FakeChoice { Content = ["Let me see."], ToolCalls = [Add(1, 2)] }), includeUsage: true),
            FakeOpenAI.Error(500, "The server had an error", "server_error"));

        var broken = await AskAsync("openai", true);

        (broken.Status, broken.Text, broken.Code, broken.IsComplete).ShouldBe((200, "Let me see.", "provider_error", false));
    }
}
