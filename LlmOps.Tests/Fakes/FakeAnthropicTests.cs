using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>Anthropic's protocol by its documented wire form.</summary>
public sealed class FakeAnthropicTests : FakeProtocolTests
{
    private const string Start = """{"model":"m","max_tokens":9,"messages":[""";
    private const string Question = Start + """{"role":"user","content":"?"}]}""";
    private const string Call = """{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]}""";

    private static readonly FakeAnswer Everything = FakeAnswer.Of(new FakeChoice
    {
        Reasoning = ["hm"],
        ReasoningSignature = "sig",
        Content = ["a", "b"],
        ToolCalls = [new FakeToolCall("c", "f", """{"a":""", "1}"), new FakeToolCall("d", "g")],
    }) with
    {
        Id = "i",
        Model = "m",
        Usage = new(10, 8, CachedTokens: 4, ReasoningTokens: 5) { CacheWriteTokens = 3, Details = false },
    };

    [Fact]
    public void Events_HaveAnthropicsExactForm()
    {
        FakeAnthropic.StreamText(Everything).ShouldBe("""
            event: message_start
            data: {"type":"message_start","message":{"model":"m","id":"i","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: ping
            data: {"type":"ping"}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: content_block_start
            data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"b"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":1}

            event: content_block_start
            data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c","name":"f","input":{}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":2}

            event: content_block_start
            data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"d","name":"g","input":{}}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":3}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":8}}

            event: message_stop
            data: {"type":"message_stop"}


            """);
    }

    [Fact]
    public void Message_HasAnthropicsExactForm() => FakeAnthropic.Completion(Everything).ShouldBe(
        """{"model":"m","id":"i","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"text","text":"ab"},{"type":"tool_use","id":"c","name":"f","input":{"a":1}},{"type":"tool_use","id":"d","name":"g","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":8}}""");

    [Theory]
    [InlineData("stop", "end_turn")]
    [InlineData("length", "max_tokens")]
    [InlineData("tool_calls", "tool_use")]
    [InlineData("content_filter", "refusal")]
    [InlineData("pause_turn", "pause_turn")]
    public void StopReasons_AreAnthropicsWords(string reason, string word) =>
        Parse(FakeAnthropic.Completion(FakeAnswer.Of(new FakeChoice { FinishReason = reason }))).GetProperty("stop_reason").GetString().ShouldBe(word);

    [Fact]
    public async Task Stream_IsSentWhenAskedFor()
    {
        Serve(FakeAnswer.Text("ab"));

        (_, string whole, HttpResponseMessage response) = await PostAsync(Question);
        string events = (await PostAsync("""{"stream":true,""" + Question[1..])).Text;

        Parse(whole).GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("ab");
        response.Headers.GetValues("request-id").ShouldHaveSingleItem();
        events.ShouldBe(FakeAnthropic.StreamText(FakeAnswer.Text("ab") with { Model = "m" }));
        FakeAnthropic.ErrorEvent().Text.ShouldBe("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
    }

    [Theory]
    [InlineData("[]", "The request body is not valid JSON")]
    [InlineData("""{"model":"m","messages":[]}""", "max_tokens: Field required")]
    [InlineData("""{"model":"m","max_tokens":0,"messages":[]}""", "max_tokens: Input should be greater than or equal to 1")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[],"temperature":1.5}""", "temperature: Input should be less than or equal to 1")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[],"seed":1}""", "seed: Extra inputs are not permitted")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[]}""", "messages: at least one message is required")]
    [InlineData(Start + """{"role":"system","content":"x"}]}""", "messages: Unexpected role \"system\".")]
    [InlineData(Start + """{"role":"assistant","content":"x"}]}""", "messages: first message must use the \"user\" role")]
    [InlineData(Start + """{"role":"user","content":[{"type":"text","text":""}]}]}""", "messages: text content blocks must be non-empty")]
    [InlineData(Start + """{"role":"user","content":"x","name":"n"}]}""", "messages.0.name: Extra inputs are not permitted")]
    [InlineData(Start + Call + "]}", "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: c.")]
    [InlineData(Start + Call + """,{"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"c"}]}]}""", "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: c.")]
    [InlineData(Start + """{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}""", "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: c.")]
    [InlineData(Start + """{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"tool_use","id":"a.b","name":"f","input":{}}]}]}""", "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")]
    [InlineData(Start + """{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":"{}"}]}]}""", "messages.1.content.0.tool_use.input: Input should be a valid dictionary")]
    [InlineData(Start + """{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"thinking","thinking":"x"}]}]}""", "messages.1.content.0.thinking.signature: Field required")]
    [InlineData("""{"thinking":{"type":"enabled","budget_tokens":1024},"model":"m","max_tokens":2000,"messages":[""" + Call + """,{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}""", "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.")]
    [InlineData("""{"tools":[{"name":"f"}],""" + "\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}", "tools.0.custom.input_schema: Field required")]
    public async Task InvalidRequests_AreRefusedInAnthropicsShape(string body, string message)
    {
        Serve(FakeAnswer.Text("never"));

        (int status, string text, HttpResponseMessage response) = await PostAsync(body);

        status.ShouldBe(400);
        JsonElement json = Parse(text);
        json.EnumerateObject().Select(property => property.Name).ShouldBe(["type", "error", "request_id"]);
        json.GetProperty("error").GetProperty("message").GetString()!.ShouldStartWith(message);
        json.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        response.Headers.GetValues("request-id").ShouldBe([json.GetProperty("request_id").GetString()!]);
    }

    [Theory]
    [InlineData("hm", false, null)]
    [InlineData("hm", true, "Invalid `signature` in `thinking` block")]
    [InlineData("ah", false, "cannot be modified")]
    public async Task Thinking_IsWantedBackUnchanged(string thinking, bool forged, string? message)
    {
        Serve(FakeAnswer.Of(new FakeChoice { Reasoning = ["h", "m"], ToolCalls = [new FakeToolCall("c", "f")] }));
        string signature = Parse((await PostAsync(Question)).Text).GetProperty("content")[0].GetProperty("signature").GetString()!;

        (int status, string text, _) = await PostAsync("""
            {"thinking":{"type":"enabled","budget_tokens":1024},"model":"m","max_tokens":2000,"messages":[{"role":"user","content":"?"},
             {"role":"assistant","content":[{"type":"thinking","thinking":"THINKING","signature":"SIGNATURE"},{"type":"tool_use","id":"c","name":"f","input":{}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"1"},{"type":"text","text":"go on"}]}]}
            """.Replace("THINKING", thinking, StringComparison.Ordinal).Replace("SIGNATURE", forged ? "x" : signature, StringComparison.Ordinal));

        status.ShouldBe(message is null ? 200 : 400, text);
        text.ShouldContain(message ?? "\"type\":\"message\"");
    }

    [Fact]
    public async Task OtherPathsAndHeaders_AreRefused()
    {
        Serve(FakeAnswer.Text("never"));

        (await SendAsync("/v1/complete", "{}")).Status.ShouldBe(404);
        (int status, string text, _) = await SendAsync(FakeAnthropic.MessagesPath, "{}", ("x-api-key", "wrong"));
        status.ShouldBe(401);
        text.ShouldContain("""{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_""");
        (await SendAsync(FakeAnthropic.MessagesPath, Question, ("x-api-key", Key))).Text.ShouldContain("anthropic-version: header is required");
    }

    [Fact]
    public async Task Question_IsRead()
    {
        Server.Handler = FakeAnthropic.Handler(request => FakeAnswer.Text(FakeQuestion.Of(request).ToString()));

        string text = (await PostAsync("""{"tools":[{"name":"f","input_schema":{"type":"object"}}],"output_config":{"format":{"type":"json_schema","schema":{}}},"model":"m","max_tokens":9,"messages":["""
            + Call + """,{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}""")).Text;

        text.ShouldContain("HasToolResult = True, HasTools = True, WantsJson = True, Text = ?");
    }

    private void Serve(FakeAnswer answer) => Server.Handler = FakeAnthropic.Handler(answer, Key);

    private Task<(int Status, string Text, HttpResponseMessage Response)> PostAsync(string body) =>
        SendAsync(FakeAnthropic.MessagesPath, body, ("x-api-key", Key), ("anthropic-version", "2023-06-01"));
}
