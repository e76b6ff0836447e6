using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>Ollama's own protocol by its documented wire form.</summary>
public sealed class FakeOllamaTests : FakeProtocolTests
{
    private const string Start = """{"model":"m","messages":[""";
    private const string Question = Start + """{"role":"user","content":"?"}]}""";

    [Fact]
    public void Lines_HaveOllamasExactForm()
    {
        FakeAnswer answer = FakeAnswer.Of(new FakeChoice
        {
            Reasoning = ["hm"],
            Content = ["a"],
            Logprobs = [new("a", -0.5, new FakeLogprob("z", -1))],
            ToolCalls = [new FakeToolCall("c", "f", """{"a":""", "1}"), new FakeToolCall("d", "g")],
        }) with
        { Model = "m", Usage = new(0, 8) };

        FakeOllama.StreamText(answer).ShouldBe("""
            {"model":"m","created_at":"2025-03-10T01:31:23.123456789Z","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}
            {"model":"m","created_at":"2025-03-10T01:31:23.143456790Z","message":{"role":"assistant","content":"a"},"done":false,"logprobs":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"z","logprob":-1,"bytes":[122]}]}]}
            {"model":"m","created_at":"2025-03-10T01:31:23.163456791Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":false}
            {"model":"m","created_at":"2025-03-10T01:31:23.183456792Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"index":1,"name":"g","arguments":{}}}]},"done":false}
            {"model":"m","created_at":"2025-03-10T01:31:23.203456793Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":174560334,"load_duration":101397084,"prompt_eval_duration":13074791,"eval_count":8,"eval_duration":52479709}

            """);
        FakeOllama.Completion(answer with { CallIds = true }).ShouldContain(
            """{"role":"assistant","content":"a","thinking":"hm","tool_calls":[{"id":"c","function":{"index":0,"name":"f","arguments":{"a":1}}},{"id":"d",""");
    }

    [Fact]
    public async Task Stream_IsTheDefault()
    {
        Server.Handler = FakeOllama.Handler(FakeAnswer.Text("a", "b"));

        (_, string lines, HttpResponseMessage response) = await SendAsync(FakeOllama.ChatPath, Question);
        JsonElement whole = Parse((await SendAsync(FakeOllama.ChatPath, """{"stream":false,"unknown":1,""" + Question[1..])).Text);

        lines.ShouldBe(FakeOllama.StreamText(FakeAnswer.Text("a", "b") with { Model = "m" }));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-ndjson");
        whole.GetProperty("message").GetRawText().ShouldBe("""{"role":"assistant","content":"ab"}""");
        whole.GetProperty("prompt_eval_count").GetInt32().ShouldBe(19);
    }

    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("length", "length")]
    [InlineData("tool_calls", "stop")]
    [InlineData("content_filter", "stop")]
    [InlineData("unload", "unload")]
    public void DoneReasons_AreOllamasWords(string reason, string word) =>
        Parse(FakeOllama.Completion(FakeAnswer.Of(new FakeChoice { FinishReason = reason }))).GetProperty("done_reason").GetString().ShouldBe(word);

    [Theory]
    [InlineData("", 400, "missing request body")]
    [InlineData("""{"messages":[]}""", 400, "model is required")]
    [InlineData("""{"model":"x","messages":[]}""", 404, "model 'x' not found")]
    [InlineData(Start + """{"role":"user","content":[]}]}""", 400, "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string")]
    [InlineData(Start + """{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}""", 400, "json: cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments")]
    [InlineData(Start + """{"role":"user","images":["data:image/png;base64,AAAA"]}]}""", 400, "illegal base64 data at input byte 4")]
    [InlineData("""{"model":"m","format":"yaml"}""", 400, "invalid format: \"yaml\"; expected \"json\" or a valid JSON Schema object")]
    public async Task InvalidRequests_AreRefusedInOllamasShape(string body, int expected, string message)
    {
        Server.Handler = FakeOllama.Handler(FakeAnswer.Text("never"), apiKey: null, "m:latest");

        (int status, string text, _) = await SendAsync(FakeOllama.ChatPath, body);

        status.ShouldBe(expected);
        Parse(text).GetProperty("error").GetString().ShouldBe(message);
    }

    [Fact]
    public async Task Server_TellsItsModelsAndVersion()
    {
        Server.Handler = FakeOllama.Handler(FakeAnswer.Text("a"), Key, "m", "n:7b");
        (string, string) authorization = ("Authorization", "Bearer " + Key);

        JsonElement tags = Parse((await SendAsync(FakeOllama.TagsPath, null, authorization)).Text);

        tags.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString()).ShouldBe(["m:latest", "n:7b"]);
        Parse((await SendAsync(FakeOllama.VersionPath, null, authorization)).Text).GetProperty("version").GetString().ShouldNotBeNull();
        (await SendAsync(FakeOllama.VersionPath, null)).Status.ShouldBe(401);
        (await SendAsync("/api/nothing", null, authorization)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Question_IsRead()
    {
        Server.Handler = FakeOllama.Handler(request => FakeAnswer.Text(FakeQuestion.Of(request).ToString()));

        string text = (await SendAsync(FakeOllama.ChatPath, Start + """
            {"role":"user","content":"x"},{"role":"tool","tool_name":"f","content":"1"}],"tools":[{"type":"function","function":{"name":"f"}}],"format":{"type":"object"},"stream":false}
            """)).Text;

        text.ShouldContain("HasToolResult = True, HasTools = True, WantsJson = True, Text = x");
    }
}
