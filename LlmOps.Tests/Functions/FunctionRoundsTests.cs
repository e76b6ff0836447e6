using System.Text.Json;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>A model calls tools of the gateway, through each provider's protocol, streamed and not.</summary>
public sealed class FunctionRoundsTests : FunctionTests
{
    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task OneCall_IsMade_AndItsResultToldToTheModel(string provider, bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is ", "3."));

        var answered = await AskAsync(provider, streaming);

        (answered.Status, answered.Text, answered.FinishReason, answered.Calls.Count, answered.IsComplete).ShouldBe((200, "It is 3.", "stop", 0, true));
        answered.Usage.ShouldBe("38+20=58");
        answered.Ids.Count.ShouldBe(1);
        Tools.Calls.ShouldBe([("add", """{"a":1,"b":2}""")]);
        Fake.Requests.Count.ShouldBe(2);
        Fake.Requests[0].BodyText.ShouldContain("The tool add");
        Fake.Requests[1].BodyText.ShouldContain("sum 3");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ParallelCalls_RunAtTheSameTime_AndKeepTheirOrder(string provider, bool streaming)
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        Tools.With("one", async (_, token) =>
        {
            first.SetResult();
            await second.Task.WaitAsync(token);
            return new ToolResult("result one", false);
        }).With("two", async (_, token) =>
        {
            second.SetResult();
            await first.Task.WaitAsync(token);
            return new ToolResult("result two", false);
        });
        Script(FakeAnswer.Calls(Add(1, 2, "call_1", "one"), Add(3, 4, "call_2", "two")), FakeAnswer.Text("Both."));

        var answered = await AskAsync(provider, streaming);

        answered.Text.ShouldBe("Both.");
        var told = Fake.Requests[1].BodyText;
        told.IndexOf("result one", StringComparison.Ordinal).ShouldBeInRange(0, told.IndexOf("result two", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ChainedCalls_GoOnUntilTheModelAnswers_WithTheTextOfAllRounds(string provider, bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Content = ["Let me ", "see."], ToolCalls = [Add(1, 2, "call_1")] }),
            FakeAnswer.Calls(Add(3, 4, "call_2")),
            FakeAnswer.Text("It is ", "7."));

        var answered = await AskAsync(provider, streaming);

        (answered.Text, answered.FinishReason, answered.Usage).ShouldBe(("Let me see.\n\nIt is 7.", "stop", "57+30=87"));
        answered.Ids.Count.ShouldBe(1);
        Fake.Requests[2].BodyText.ShouldContain("sum 3");
        Fake.Requests[2].BodyText.ShouldContain("sum 7");
        Fake.Requests[2].BodyText.ShouldContain("Let me see.");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task MixedCalls_TheGatewaysAreMade_AndTheCallersGoBack_AndFitTogetherAgain(string provider, bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Content = ["Both."], ToolCalls = [Add(1, 2, "call_1"), new FakeToolCall("call_2", "get_weather", """{"city":"Bern"}""")] }),
            FakeAnswer.Text("3 and rain."));

        var answered = await AskAsync(provider, streaming, fields: $"\"tools\":[{Weather}]");

        (answered.Text, answered.FinishReason).ShouldBe(("Both.", "tool_calls"));
        var call = answered.Calls.ShouldHaveSingleItem();
        (call.Name, call.Arguments).ShouldBe(("get_weather", """{"city":"Bern"}"""));
        call.Id.ShouldMatch("^call_llmops_[0-9a-f]{24}_0$");
        Tools.Calls.Count.ShouldBe(1);
        Fake.Requests.Count.ShouldBe(1);

        var next = await AskAsync(provider, streaming, Reply(answered, "It rains."), $"\"tools\":[{Weather}]");

        (next.Status, next.Text, Tools.Calls.Count).ShouldBe((200, "3 and rain.", 1));
        var told = Fake.Requests[1].BodyText;
        told.ShouldContain("sum 3");
        told.ShouldContain("It rains.");
        told.ShouldNotContain("call_llmops_");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task CallersToolsAlone_GoBackAsTheyCame(string provider, bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(new FakeToolCall("call_2", "get_weather", "{\"city\":", "\"Bern\"}")));

        var answered = await AskAsync(provider, streaming, fields: $"\"tools\":[{Weather}]");

        (answered.FinishReason, answered.Calls.Single().Name, answered.Calls.Single().Arguments, answered.Usage).ShouldBe(("tool_calls", "get_weather", """{"city":"Bern"}""", "19+10=29"));
        answered.Calls.Single().Id.ShouldNotStartWith("call_llmops_");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ModelThatCallsForEver_IsAskedOnceMoreWithoutTools_AndEnds(string provider, bool streaming)
    {
        Tools.WithSum();
        Gateway.With("Gateway:Functions:MaxIterations", "2");
        Script(FakeAnswer.Calls(Add(1, 2)));

        var answered = await AskAsync(provider, streaming);

        (answered.Status, answered.Code).ShouldBe((502, "function_limit"));
        (Fake.Requests.Count, Tools.Calls.Count).ShouldBe((3, 2));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ModelThatAnswersAtTheLimit_IsHeard(string provider, bool streaming)
    {
        Tools.WithSum();
        Gateway.With("Gateway:Functions:MaxIterations", "1");
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Enough."));

        (await AskAsync(provider, streaming)).Text.ShouldBe("Enough.");

        var last = Fake.Requests[1].Json;
        (provider switch
        {
            "gemini" => last.GetProperty("toolConfig").GetProperty("functionCallingConfig").GetProperty("mode").GetString() == "NONE",
            "anthropic" => last.GetProperty("tool_choice").GetProperty("type").GetString() == "none",
            "ollama" => !last.TryGetProperty("tools", out _),
            _ => last.GetProperty("tool_choice").GetString() == "none",
        }).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DemandedCall_IsDemandedOnce(bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("3."));

        (await AskAsync("openai", streaming, fields: "\"tool_choice\":\"required\"")).Text.ShouldBe("3.");

        Fake.Requests.Select(request => request.Json.GetProperty("tool_choice").GetString()).ShouldBe(["required", "auto"]);
    }

    [Theory]
    [InlineData("\"tool_choice\":\"none\"")]
    [InlineData("\"functions\":[{\"name\":\"old\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}]")]
    public async Task CallerWhoCanTakeNoTools_IsOfferedNone(string fields)
    {
        Tools.WithSum();
        Script(FakeAnswer.Text("Well."));

        (await AskAsync("openai", false, fields: fields)).Text.ShouldBe("Well.");

        Fake.Requests[0].Json.TryGetProperty("tools", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task CallersToolOfTheSameName_IsTheCallers()
    {
        Tools.WithSum("get_weather");
        Script(FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", """{"city":"Bern"}""")));

        var answered = await AskAsync("openai", false, fields: $"\"tools\":[{Weather}]");

        answered.Calls.Single().Id.ShouldBe("call_1");
        Fake.Requests[0].Json.GetProperty("tools").GetArrayLength().ShouldBe(1);
        Tools.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task SeveralChoices_AreRefused()
    {
        Tools.WithSum();

        var refused = await AskAsync("openai", false, fields: "\"n\":2");

        (refused.Status, refused.Param).ShouldBe((400, "n"));
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RoundsMayBeAnsweredByDifferentProtocols(bool streaming)
    {
        Tools.WithSum();
        Gateway.With("Gateway:Routing:MaxAttempts", "2")
            .With("Gateway:Models:both:Targets:0:Provider", "openai").With("Gateway:Models:both:Targets:0:Model", "gpt-4o-mini")
            .With("Gateway:Models:both:Targets:1:Provider", "anthropic").With("Gateway:Models:both:Targets:1:Model", "claude-sonnet-4-5");
        var (first, second) = (FakeAnswer.Of(new FakeChoice { Content = ["One."], ToolCalls = [Add(1, 2)] }), FakeAnswer.Text("Two."));
        Fake.Enqueue(
            streaming ? FakeOpenAI.StreamReply(first, includeUsage: true) : FakeOpenAI.Reply(first),
            FakeOpenAI.Error(400, "The context is too long", code: "context_length_exceeded"),
            streaming ? Providers.TestedProvider.Anthropic.Stream(Providers.TestedProvider.Anthropic.StreamEvents(second)) : FakeAnthropic.Reply(second));

        using var response = await Gateway.CompleteAsync($$"""{"model":"both","stream":{{(streaming ? "true,\"stream_options\":{\"include_usage\":true}" : "false")}},"messages":[{{Hi}}]}""", streaming);
        var answered = await SeenCompletion.OfAsync(response, streaming);

        (answered.Text, answered.FinishReason, answered.Usage).ShouldBe(("One.\n\nTwo.", "stop", "38+20=58"));
        answered.Ids.Count.ShouldBe(1);
        Fake.Requests[2].BodyText.ShouldContain("sum 3");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfflineModel_CallsTools(bool streaming)
    {
        Tools.With("add_numbers", (arguments, _) => Task.FromResult(new ToolResult($"the sum is {arguments.GetProperty("a").GetInt32() + arguments.GetProperty("b").GetInt32()}", false)));

        var answered = await AskAsync("offline", streaming, """{"role":"user","content":"Add the numbers 19 and 23"}""");

        answered.Text.ShouldContain("the sum is 42");
        Tools.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task OtherEndpoints_HaveToolsToo()
    {
        Tools.WithSum();
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));

        using var response = await Gateway.PostAsync("/chat", """{"model":"gpt-4o-mini","prompt":"What is 1 + 2?"}""");
        var json = JsonElement.Parse(await response.Content.ReadAsStringAsync());

        json.GetProperty("response").GetString().ShouldBe("It is 3.");
        json.GetProperty("tokens_used").GetInt32().ShouldBe(58);
    }
}
