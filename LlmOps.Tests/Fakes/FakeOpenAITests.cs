using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;

namespace LlmOps.Tests.Fakes;

/// <summary>The fake protocol, judged by OpenAI's own client and by its documented wire form.</summary>
public sealed class FakeOpenAITests : IAsyncLifetime, IAsyncDisposable
{
    private const string Key = "sk-test-0123456789";
    private static readonly ChatMessage[] Question = [new UserChatMessage("?")];

    private readonly FakeServer _server = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Text_IsTheSameStreamedAndUnstreamed()
    {
        Serve(FakeAnswer.Text("Grüß ", "Gott", " 🎉") with { Usage = new(10, 7, CachedTokens: 4, ReasoningTokens: 2) });

        ChatCompletion whole = await Client().CompleteChatAsync(Question);
        List<StreamingChatCompletionUpdate> updates = await StreamAsync();

        whole.Content.ShouldHaveSingleItem().Text.ShouldBe("Grüß Gott 🎉");
        string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)).ShouldBe("Grüß Gott 🎉");
        updates.Select(update => update.FinishReason).OfType<ChatFinishReason>().ShouldBe([whole.FinishReason]);
        foreach (ChatTokenUsage usage in new[] { whole.Usage, updates[^1].Usage })
        {
            (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount).ShouldBe((10, 7, 17));
            usage.InputTokenDetails.CachedTokenCount.ShouldBe(4);
            usage.OutputTokenDetails.ReasoningTokenCount.ShouldBe(2);
        }
    }

    [Fact]
    public async Task ParallelToolCalls_AreTheSameStreamedAndUnstreamed()
    {
        Serve(FakeAnswer.Calls(
            new FakeToolCall("call_1", "add", """{"a":""", "1}"), new FakeToolCall("call_2", "now")));

        ChatCompletion whole = await Client().CompleteChatAsync(Question);
        ILookup<int, StreamingChatToolCallUpdate> streamed =
            (await StreamAsync()).SelectMany(update => update.ToolCallUpdates).ToLookup(call => call.Index);

        whole.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        whole.ToolCalls.Select(call => (call.Id, call.FunctionName)).ShouldBe([("call_1", "add"), ("call_2", "now")]);
        whole.ToolCalls[0].FunctionArguments.ToString().ShouldBe("""{"a":1}""");
        streamed.Select(calls => calls.First().FunctionName).ShouldBe(["add", "now"]);
        string.Concat(streamed[0].Select(call => call.FunctionArgumentsUpdate.ToString())).ShouldBe("""{"a":1}""");
    }

    [Fact]
    public void Chunks_HaveOpenAIsExactForm()
    {
        FakeAnswer answer = new()
        {
            Id = "i",
            Model = "m",
            Created = 1,
            ServiceTier = null,
            SystemFingerprint = null,
            Choices = [new FakeChoice { ToolCalls = [new FakeToolCall("c", "f", "{}")] }],
            Usage = new(1, 2) { Details = false },
            FinishChunkExtra = """{"x_groq":{"id":"req"}}""",
        };
        const string Start = """{"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[""";

        FakeOpenAI.Chunks(answer, includeUsage: true).ShouldBe([
            Start + """{"index":0,"delta":{"role":"assistant","content":null,"refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}""",
            Start + """{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]},"logprobs":null,"finish_reason":null}],"usage":null}""",
            Start + """{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}""",
            Start + """{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null,"x_groq":{"id":"req"}}""",
            Start + """],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""",
        ]);
    }

    [Fact]
    public void Choices_TakeTurnsAndCarryTheirOwnLogprobs()
    {
        FakeAnswer answer = FakeAnswer.Of(
            new FakeChoice { Content = ["a", "b"], Logprobs = [new("a", -0.5, new FakeLogprob("z", -1)), new("b", -0.25)] },
            new FakeChoice { Reasoning = ["hm"], Refusal = ["no"], FinishReason = "content_filter" });

        JsonElement[] choices = [.. FakeOpenAI.Chunks(answer).Select(chunk => Parse(chunk).GetProperty("choices")[0])];

        choices.Select(choice => choice.GetProperty("index").GetInt32()).ShouldBe([0, 1, 0, 1, 0, 1, 0, 1]);
        choices[2].GetProperty("logprobs").GetProperty("content")[0].GetRawText().ShouldBe(
            """{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"z","logprob":-1,"bytes":[122]}]}""");
        choices[3].GetProperty("delta").GetRawText().ShouldBe("""{"reasoning_content":"hm"}""");
        choices[7].GetProperty("finish_reason").GetString().ShouldBe("content_filter");
    }

    [Theory]
    [InlineData("{", null)]
    [InlineData("""{"messages":[]}""", null)]
    [InlineData("""{"model":"m","messages":[]}""", "messages")]
    [InlineData("""{"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":"1"}]}""", "messages.[0].role")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c"}]},{"role":"user","content":"?"}]}""", "messages.[1].role")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"?"}],"stream_options":{}}""", "stream_options")]
    public async Task InvalidRequests_AreRefusedInOpenAIsShape(string body, string? param)
    {
        Serve(FakeAnswer.Text("never"));

        (HttpStatusCode status, JsonElement error) = await PostAsync(FakeOpenAI.ChatPath, Key, body);

        status.ShouldBe(HttpStatusCode.BadRequest);
        error.GetProperty("param").GetString().ShouldBe(param);
        error.EnumerateObject().Select(property => property.Name).ShouldBe(["message", "type", "param", "code"]);
    }

    [Fact]
    public async Task OtherPathsAndKeys_AreRefused()
    {
        Serve(FakeAnswer.Text("never"));

        (await PostAsync("/v1/completions", Key, "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (HttpStatusCode status, JsonElement error) = await PostAsync(FakeOpenAI.ChatPath, "sk-wrong-0123456789", "{}");
        status.ShouldBe(HttpStatusCode.Unauthorized);
        error.GetProperty("code").GetString().ShouldBe("invalid_api_key");
        error.GetProperty("message").GetString()!.ShouldContain("sk-wrong*******6789");
    }

    private void Serve(FakeAnswer answer) => _server.Handler = FakeOpenAI.Handler(answer, Key);

    private ChatClient Client() =>
        new("m", new ApiKeyCredential(Key), new OpenAIClientOptions { Endpoint = new Uri(_server.BaseAddress, "/v1") });

    private async Task<List<StreamingChatCompletionUpdate>> StreamAsync()
    {
        List<StreamingChatCompletionUpdate> updates = [];
        await foreach (StreamingChatCompletionUpdate update in Client().CompleteChatStreamingAsync(Question))
            updates.Add(update);
        return updates;
    }

    private async Task<(HttpStatusCode Status, JsonElement Error)> PostAsync(string path, string key, string body)
    {
        using HttpClient client = new() { BaseAddress = _server.BaseAddress, DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
        using HttpResponseMessage response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        return (response.StatusCode, Parse(await response.Content.ReadAsStringAsync()).GetProperty("error"));
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json);
}
