using System.Net;
using System.Text.Json;
using LlmOps.Tests.Configuration;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>What is odd but legal, on either side, is neither lost nor a fault of the gateway's.</summary>
public sealed class TranslationEdgeTests : ProviderTests
{
    private static readonly string[] Translated = ["gemini", "anthropic", "ollama"];

    [Theory]
    [InlineData(""" "reasoning_effort":"\ud800" """, "reasoning_effort")]
    [InlineData(""" "safety_identifier":"a\udc00" """, "safety_identifier")]
    [InlineData(""" "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"description":"\ud83d"}}}}}] """, "tools")]
    [InlineData(""" "keep_alive":"\ud800" """, "keep_alive")]
    public async Task HalfASurrogatePairInARequest_IsRefusedByName(string member, string field)
    {
        foreach (var name in Translated)
        {
            using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming: false, $$""" "messages":[{"role":"user","content":"x"}],{{member}} """));

            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, name);
            JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("param").GetString().ShouldBe(field);
        }
    }

    [Theory]
    [InlineData("gemini", """{"candidates":[{"content":{"parts":[{"text":"Hello \ud83d world"},{"functionCall":{"name":"f","args":{"a":"b \udc00"}}}]},"finishReason":"STOP"}]}""")]
    [InlineData("anthropic", """{"id":"m","content":[{"type":"text","text":"Hello \ud83d world"},{"type":"tool_use","id":"t","name":"f","input":{"a":"b \udc00"}}],"stop_reason":"tool_use"}""")]
    [InlineData("ollama", """{"message":{"role":"assistant","content":"Hello \ud83d world","tool_calls":[{"function":{"name":"f","arguments":{"a":"b \udc00"}}}]},"done":true}""")]
    public async Task HalfASurrogatePairInAnAnswer_LosesOnlyItself(string name, string answer)
    {
        Fake.Enqueue(FakeReply.Json(200, answer));

        var seen = await AskAsync(name);

        seen.Text.ShouldBe("Hello \uFFFD world");
        seen.Calls.Single().Arguments.ShouldBe("{\"a\":\"b \uFFFD\"}");
    }

    [Fact]
    public async Task BackslashBeforeU_IsNoSurrogate()
    {
        Fake.Enqueue(FakeReply.Json(200, """{"candidates":[{"content":{"parts":[{"text":"C:\\ud83d \ud83c\udf89"}]},"finishReason":"STOP"}]}"""));

        (await AskAsync("gemini")).Text.ShouldBe("C:\\ud83d \U0001F389");
    }

    [Theory]
    [InlineData("gemini", """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":"{\"a\":1}"}}]},"finishReason":"STOP"}]}""")]
    [InlineData("ollama", """{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]},"done":true}""")]
    public async Task ArgumentsAsAString_AreNotEncodedTwice(string name, string answer)
    {
        Fake.Enqueue(FakeReply.Json(200, answer));

        (await AskAsync(name)).Calls.Single().Arguments.ShouldBe("{\"a\":1}");
    }

    [Fact]
    public async Task ToolInputInTheStartOfABlock_IsItsArguments()
    {
        string[] events =
        [
            """{"type":"message_start","message":{"id":"m","model":"claude","usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"","name":"f","input":{"a":1}}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}""",
            """{"type":"message_stop"}""",
        ];
        Fake.Enqueue(FakeReply.Sse(events, done: false));

        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Anthropic, streaming: true), stream: true);
        var seen = await CompletionSeen.ReadAsync(response, streaming: true);

        seen.Calls.Single().Arguments.ShouldBe("{\"a\":1}");
        seen.Calls.Single().Id.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("anthropic")]
    public async Task UsageOfACutStream_IsInTheLog(string name)
    {
        var provider = TestedProvider.Named(name);
        Fake.Enqueue(provider.Begun().ThenEnd());

        using var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);
        (await SseText.ReadAsync(response)).Done.ShouldBeFalse();

        var line = await Gateway.Logs.RequestAsync();
        line.State["Outcome"].ShouldBe("provider_stream_interrupted");
        line.State["InputTokens"].ShouldBe(19L);
        line.State["CostUsd"].ShouldNotBeNull();
    }

    [Fact]
    public async Task UsageThatSaysNothing_IsEstimated()
    {
        Fake.Enqueue(FakeReply.Json(200, """{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"usageMetadata":{}}"""));

        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Gemini, streaming: false));

        response.Headers.GetValues("X-LlmOps-Cost-Estimated").Single().ShouldBe("true");
        (await response.Content.ReadAsStringAsync()).ShouldNotContain("prompt_tokens");
    }

    [Fact]
    public async Task IdsThatDifferInForbiddenCharacters_StayApart()
    {
        AnswerAll(_ => FakeAnswer.Text("ok"));
        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Anthropic, streaming: false, """
            "messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[
              {"id":"f.1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"f:1","type":"function","function":{"name":"f","arguments":""}}]},
            {"role":"tool","tool_call_id":"f:1","content":"two"},{"role":"tool","tool_call_id":"f.1","content":"one"}]
            """));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var sent = Fake.Requests.Single().Json.GetProperty("messages");
        var calls = sent[1].GetProperty("content").EnumerateArray().Select(block => block.GetProperty("id").GetString()).ToList();
        var results = sent[2].GetProperty("content").EnumerateArray().Select(block => block.GetProperty("tool_use_id").GetString()).ToList();
        calls.ShouldBeUnique();
        results.ShouldBe([calls[1], calls[0]]);
    }

    [Theory]
    [InlineData(""" {"role":"user","content":"x","images":["aGk="]} """, "messages[0].images")]
    [InlineData(""" {"role":"user","content":"x","reasoning_content":"y"} """, "messages[0].reasoning_content")]
    [InlineData(""" {"role":"user","content":"x","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]} """, "messages[0].tool_calls")]
    public async Task FieldOfAnAnswerInAnotherMessage_IsRefused(string message, string path)
    {
        foreach (var name in Translated)
        {
            using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming: false, $""" "messages":[{message}] """));

            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, name);
            JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("param").GetString().ShouldBe(path);
        }
    }

    [Theory]
    [InlineData(""" "thinking_blocks":["x"] """, "messages[1].thinking_blocks")]
    [InlineData(""" "thinking_blocks":[{"type":"text","text":"x"}] """, "messages[1].thinking_blocks")]
    [InlineData(""" "extra_content":"x" """, "messages[1].extra_content")]
    [InlineData(""" "images":["aGk="] """, "messages[1].images")]
    [InlineData(""" "reasoning_content":{"a":1} """, "messages[1].reasoning_content")]
    public async Task VendorsFormOfAnAnswersField_IsForwardedAndNotTranslated(string member, string path)
    {
        var members = $$""" "messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y",{{member}}},{"role":"user","content":"z"}] """;
        foreach (var name in Translated)
        {
            using var refused = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming: false, members));

            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest, name);
            JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("param").GetString().ShouldBe(path);
        }

        BreaksContract = true;
        Fake.Enqueue(TestedProvider.OpenAI.Reply(FakeAnswer.Text("ok")));
        using var forwarded = await Gateway.CompleteAsync(Body(TestedProvider.OpenAI, streaming: false, members));

        forwarded.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().BodyText.ShouldContain(member.Trim());
    }

    [Fact]
    public async Task DescriptionOfASchema_TravelsInTheSchema()
    {
        foreach (var name in Translated)
        {
            AnswerAll(_ => FakeAnswer.Text("{}"));
            using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming: false, """
                "messages":[{"role":"user","content":"x"}],
                "response_format":{"type":"json_schema","json_schema":{"name":"m","description":"A mood","schema":{"type":"object","properties":{"a":{"type":"string"}}}}}
                """));

            response.StatusCode.ShouldBe(HttpStatusCode.OK, name);
            Fake.Requests[^1].BodyText.ShouldContain("\"description\":\"A mood\"");
        }
    }

    [Fact]
    public void KnownProviderOfAnotherType_NeedsItsOwnAddress()
    {
        var exception = Should.Throw<LlmOps.Gateway.Configuration.ConfigurationException>(() => ConfigurationTests.Build(("Gateway:Providers:ollama:Type", "openai"), ("Gateway:Providers:gemini:Type", "openai"), ("Gateway:Providers:gemini:ApiKey", "k")));

        exception.Faults.ShouldContain(fault => fault.StartsWith("Gateway:Providers:ollama:BaseUrl is missing", StringComparison.Ordinal));
        exception.Faults.ShouldContain(fault => fault.StartsWith("Gateway:Providers:gemini:BaseUrl is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://gpu-box:11434/v1")]
    [InlineData("http://gpu-box:11434/api/")]
    public void AddressOfOneOfOllamasApis_IsAFault(string address) =>
        Should.Throw<LlmOps.Gateway.Configuration.ConfigurationException>(() => ConfigurationTests.Build(("Gateway:Providers:ollama:BaseUrl", address)))
            .Faults.Single().ShouldStartWith("Gateway:Providers:ollama:BaseUrl (OLLAMA_HOST) ends with /");

    [Fact]
    public async Task Refusal_SaysWhatToDoInstead()
    {
        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Anthropic, streaming: false, """ "messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"} """));

        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("message").GetString().ShouldBe(
            "response_format is not supported by model 'claude-sonnet-4-6' of provider 'anthropic': its protocol has no counterpart (JSON without a schema). Instead, give a schema (json_schema).");
    }

    private async Task<CompletionSeen> AskAsync(string name)
    {
        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming: false));
        return await CompletionSeen.ReadAsync(response, streaming: false);
    }
}
