using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Anthropic;

/// <summary>What Anthropic's answers become in OpenAI's form, streamed and not.</summary>
public sealed class AnthropicAnswerTests : AnthropicTests
{
    private const string Enabled = """ ,"thinking":{"type":"enabled","budget_tokens":2048} """;

    [Theory]
    [InlineData("end_turn", "stop", true)]
    [InlineData("stop_sequence", "stop", true)]
    [InlineData("max_tokens", "length", true)]
    [InlineData("model_context_window_exceeded", "length", true)]
    [InlineData("tool_use", "tool_calls", true)]
    [InlineData("refusal", "content_filter", true)]
    [InlineData("pause_turn", "content_filter", false)]
    [InlineData("something_new", "content_filter", false)]
    public async Task StopReason_IsOneOfOpenAIsWithAnthropicsOwnBesideIt(string reason, string seenReason, bool withoutContent)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var seen = await AskAsync(streaming, streaming ? Events([.. Text("half"), .. End(reason)]) : Message("""{"type":"text","text":"half"}""", reason));
            seen.Text.ShouldBe("half");
            seen.FinishReason.ShouldBe(seenReason);
            seen.Choice.GetProperty("native_finish_reason").GetString().ShouldBe(reason);

            var empty = streaming ? Events(End(reason)) : Message("", reason);
            if (withoutContent)
            {
                (await AskAsync(streaming, empty)).FinishReason.ShouldBe(seenReason);
            }
            else
            {
                Fake.Enqueue(empty);
                (await FailAsync(streaming, HttpStatusCode.BadGateway)).GetProperty("message").GetString()!.ShouldContain(reason);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PromptTokens_AreTheSumOfWhatWasReadWrittenAndNeither(bool streaming)
    {
        var answer = FakeAnswer.Text("x") with { Usage = new FakeUsage(1000, 50, CachedTokens: 600) { CacheWriteTokens = 300 } };

        var seen = await AskAsync(streaming, Reply(streaming, answer));

        seen.Usage.GetRawText().ShouldBe("""{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050,"prompt_tokens_details":{"cached_tokens":600,"cache_write_tokens":300}}""");
    }

    [Fact]
    public async Task PingsAndUnknownEvents_SayNothing()
    {
        var seen = await AskAsync(true, Events([
            """{"type":"ping"}""", .. Text("one"), """{"type":"something_new","x":[1]}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"query\":1}"}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"new_delta","x":1}}""",
            """{"type":"content_block_stop","index":1}""", """{"type":"ping"}""", .. End()]));

        seen.Text.ShouldBe("one");
        seen.Calls.ShouldBeEmpty();
        seen.FinishReason.ShouldBe("stop");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task CallWithoutArguments_HasAnEmptyObject(bool streaming, bool emptyDelta)
    {
        string[] delta = emptyDelta ? ["""{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}"""] : [];
        var seen = await AskAsync(streaming, streaming
            ? Events(["""{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"now","input":{}}}""", .. delta, """{"type":"content_block_stop","index":0}""", .. End("tool_use")])
            : Message("""{"type":"tool_use","id":"toolu_1","name":"now","input":{}}""", "tool_use"));

        seen.Calls.Single().ShouldBe(new CallSeen("toolu_1", "now", "{}"));
        seen.FinishReason.ShouldBe("tool_calls");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thinking_ComesWithItsBlocksAndGoesBackUnchangedAndFirst(bool streaming)
    {
        AnswerAll(request => FakeQuestion.Of(request).HasToolResult
            ? FakeAnswer.Text("Rain")
            : FakeAnswer.Of(new FakeChoice { Reasoning = ["Let me ", "think ü."], Content = ["I look."], ToolCalls = [new FakeToolCall("toolu_1", "get_weather", "{\"city\":\"Paris\"}")] }));
        using var first = await PostAsync(streaming, $"{Hello},\"tools\":[{Weather}]{Enabled}");
        var seen = await CompletionSeen.ReadAsync(first, streaming);

        seen.Message["reasoning_content"].GetString().ShouldBe("Let me think ü.");
        var blocks = seen.Message["thinking_blocks"];
        blocks[0].GetProperty("thinking").GetString().ShouldBe("Let me think ü.");
        blocks[0].GetProperty("signature").GetString().ShouldNotBeNullOrEmpty();

        // The fake takes back no thinking but its own, and none that is not first.
        using var second = await PostAsync(streaming, $$"""
            "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"I look.","reasoning_content":"Let me think ü.","thinking_blocks":{{blocks.GetRawText()}},
            "tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":{{Quoted(seen.Calls.Single().Arguments)}} } }]},
            {"role":"tool","tool_call_id":"toolu_1","content":"rain"}],"tools":[{{Weather}}]{{Enabled}}
            """);
        (await CompletionSeen.ReadAsync(second, streaming)).Text.ShouldBe("Rain");
        Sent.GetProperty("messages")[1].GetProperty("content")[0].GetRawText().ShouldBe(blocks[0].GetRawText());
    }

    [Fact]
    public async Task ThinkingBlocks_AreTheSameStreamedAndNot()
    {
        const string Thought = """{"type":"thinking","thinking":"Hm.","signature":"c2ln"}""", Hidden = """{"type":"redacted_thinking","data":"EmwKAhgB"}""";

        var whole = await AskAsync(false, Message($$"""{{Thought}},{{Hidden}},{"type":"text","text":"42"}"""));
        var streamed = await AskAsync(true, Events([
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"H"}}""", """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m."}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}""", """{"type":"content_block_stop","index":0}""",
            $$"""{"type":"content_block_start","index":1,"content_block":{{Hidden}} }""", """{"type":"content_block_stop","index":1}""", .. Text("42", 2), .. End()]));

        whole.Message["thinking_blocks"].GetRawText().ShouldBe($"[{Thought},{Hidden}]");
        streamed.Message["thinking_blocks"].GetRawText().ShouldBe($"[{Thought},{Hidden}]");
        streamed.Message["reasoning_content"].GetString().ShouldBe("Hm.");
        (whole.Text, streamed.Text).ShouldBe(("42", "42"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequestId_StandsInTheLogLine(bool streaming)
    {
        await AskAsync(streaming, Reply(streaming, FakeAnswer.Text("x")).Header("request-id", "req_42"));

        (await Gateway.Logs.RequestAsync()).State["ProviderRequestId"].ShouldBe("req_42");
    }

    private static string[] Text(string text, int index = 0) => [
        $$"""{"type":"content_block_start","index":{{index}},"content_block":{"type":"text","text":""} }""",
        $$"""{"type":"content_block_delta","index":{{index}},"delta":{"type":"text_delta","text":{{JsonSerializer.Serialize(text)}} } }""",
        $$"""{"type":"content_block_stop","index":{{index}}}"""];
}
