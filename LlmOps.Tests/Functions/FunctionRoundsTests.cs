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
        await Conditions.HoldsAsync(async () => (await Gateway.Http.GetFromJsonStatsAsync()).GetProperty("requests").GetInt64() == 1);
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TextGoesOutAsItComes_BeforeTheToolIsDone(bool streaming)
    {
        using var gate = new Gate();
        Tools.With("add", async (_, token) =>
        {
            await gate.Opened.WaitAsync(token);
            return new ToolResult("3", false);
        });
        Script(FakeAnswer.Of(new FakeChoice { Content = ["Let me see."], ToolCalls = [Add(1, 2)] }), FakeAnswer.Text("It is 3."));

        var asking = Gateway.CompleteAsync(Body(Providers.TestedProvider.OpenAI, streaming), streaming);
        if (streaming)
        {
            // The head is there, and with it the text; the tool waits for the gate.
            using var response = await asking;
            await using var body = await response.Content.ReadAsStreamAsync();
            using var reader = new StreamReader(body);
            var line = await reader.ReadLineAsync();
            while (!line!.Contains("Let me see.", StringComparison.Ordinal))
            {
                line = await reader.ReadLineAsync();
            }

            gate.Open();
            (await reader.ReadToEndAsync()).ShouldContain("It is 3.");
        }
        else
        {
            gate.Open();
            using var response = await asking;
            (await response.Content.ReadAsStringAsync()).ShouldContain("Let me see.\\n\\nIt is 3.");
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task WithoutACallOfTheGateways_TheProvidersBytesGoBackUnaltered(bool streaming, bool withCalls)
    {
        Tools.WithSum();
        var said = withCalls
            ? FakeAnswer.Of(new FakeChoice { Content = ["It ", "is."], ToolCalls = [new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Bern\"}"), new FakeToolCall("call_2", "get_weather", "{}")] })
            : FakeAnswer.Text("It ", "is.");
        var answer = said with { Model = "gpt-4o-mini", Extra = """{"vendor":{"field":[1,2]}}""", ServiceTier = null };
        Script(answer);

        using var response = await Gateway.CompleteAsync(Body(Providers.TestedProvider.OpenAI, streaming, $"\"messages\":[{Hi}],\"tools\":[{Weather}]"), streaming);
        var body = await response.Content.ReadAsStringAsync();

        body.ShouldBe(streaming
            ? string.Concat(FakeOpenAI.Chunks(answer, includeUsage: true).Append("[DONE]").Select(data => $"data: {data}\n\n"))
            : FakeOpenAI.Completion(answer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UnknownFields_SurviveInTheRequestAndInTheRounds(bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], MessageExtra = """{"vendor_note":"keep me"}""", ToolCalls = [Add(1, 2)] }),
            FakeAnswer.Text("3."));

        (await AskAsync("openai", streaming, fields: """ "vendor_field":{"x":"Grüße"},"tools":[] """)).Text.ShouldBe("3.");

        foreach (var request in Fake.Requests)
        {
            request.Json.GetProperty("vendor_field").GetProperty("x").GetString().ShouldBe("Grüße");
            request.Json.GetProperty("tools").GetArrayLength().ShouldBe(1);
        }

        var message = Fake.Requests[1].Json.GetProperty("messages")[1];
        message.GetProperty("vendor_note").GetString().ShouldBe("keep me");
        message.GetProperty("reasoning_content").GetString().ShouldBe("Adding.");
        (message.GetProperty("tool_calls")[0].GetProperty("id").GetString(), Fake.Requests[1].Json.GetProperty("messages")[2].GetProperty("tool_call_id").GetString()).ShouldBe(("call_add", "call_add"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignaturesOfReasoning_GoBackToTheProvider(bool streaming)
    {
        Tools.WithSum();
        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], ReasoningSignature = "sig-of-thought", ToolCalls = [Add(1, 2) with { Signature = "sig-of-call" }] }),
            FakeAnswer.Text("3."));

        (await AskAsync("gemini", streaming)).Text.ShouldBe("3.");
        Fake.Requests[1].BodyText.ShouldContain("sig-of-call");

        Script(
            FakeAnswer.Of(new FakeChoice { Reasoning = ["Adding."], ReasoningSignature = "sig-of-thought", ToolCalls = [Add(1, 2)] }),
            FakeAnswer.Text("3."));

        (await AskAsync("anthropic", streaming)).Text.ShouldBe("3.");
        Fake.Requests[3].BodyText.ShouldContain("sig-of-thought");
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

file static class Stats
{
    public static async Task<JsonElement> GetFromJsonStatsAsync(this HttpClient http) => JsonElement.Parse(await http.GetStringAsync("/stats"));
}
