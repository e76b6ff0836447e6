using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>What callers get of Ollama's answers.</summary>
public sealed class OllamaAnswerTests : OllamaTests
{
    private const string ParisCall = """{"function":{"index":0,"name":"get_weather","arguments":{"city":"Paris","days":3}}}""";
    private const string LondonCall = """{"id":"call_given","function":{"index":1,"name":"get_weather","arguments":{"city":"London"}}}""";
    private const string TimeCall = """{"function":{"name":"get_time"}}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallsOfSeveralLines_AreGatheredAndEndWithToolCalls(bool streaming)
    {
        Fake.Enqueue(streaming
            ? Lines(Line($$""" "content":"","tool_calls":[{{ParisCall}}] """), Line($$""" "content":"","tool_calls":[{{LondonCall}},{{TimeCall}}] """), Done)
            : Lines(Done.Replace("\"content\":\"\"", $"\"content\":\"\",\"tool_calls\":[{ParisCall},{LondonCall},{TimeCall}]", StringComparison.Ordinal)));

        var answer = await CompleteAsync(streaming, $$"""{{Hello}},"tools":[{{Weather}}] """);

        answer.FinishReason.ShouldBe("tool_calls");
        answer.Calls.Select(call => (call.Name, call.Arguments)).ShouldBe(
            [("get_weather", """{"city":"Paris","days":3}"""), ("get_weather", """{"city":"London"}"""), ("get_time", "{}")]);
        answer.Calls[1].Id.ShouldBe("call_given");
        answer.Calls.Select(call => call.Id).ShouldBeUnique();
        answer.Calls.ShouldAllBe(call => call.Id.Length > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thinking_IsReasoningContent(bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Of(new FakeChoice { Reasoning = ["Let me ", "see"], Content = ["Yes"] }));

        var answer = await CompleteAsync(streaming, Hello + ""","think":true """);

        answer.Message["reasoning_content"].GetString().ShouldBe("Let me see");
        answer.Text.ShouldBe("Yes");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Logprobs_AreOpenAIs(bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Of(new FakeChoice { Content = ["Ä"], Logprobs = [new FakeLogprob("Ä", -0.25, new FakeLogprob("Ä", -0.25), new FakeLogprob("A", -1.5))] }));

        using var response = await AskAsync(streaming, Hello + ""","logprobs":true,"top_logprobs":2 """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var choices = streaming ? (await SseText.ReadAsync(response)).Chunks : [JsonElement.Parse(await response.Content.ReadAsStringAsync())];
        var token = choices.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
            .Where(choice => choice.TryGetProperty("logprobs", out var logprobs) && logprobs.ValueKind == JsonValueKind.Object)
            .SelectMany(choice => choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()).Single();
        token.GetProperty("token").GetString().ShouldBe("Ä");
        token.GetProperty("logprob").GetDouble().ShouldBe(-0.25);
        token.GetProperty("bytes").GetRawText().ShouldBe("[195,132]");
        token.GetProperty("top_logprobs").EnumerateArray().Select(top => (top.GetProperty("token").GetString(), top.GetProperty("logprob").GetDouble())).ShouldBe([("Ä", -0.25), ("A", -1.5)]);
    }

    [Theory]
    [InlineData("", null, null, true)]
    [InlineData("", null, null, false)]
    [InlineData(",\"prompt_eval_count\":7", 7L, 0L, true)]
    [InlineData(",\"prompt_eval_count\":7", 7L, 0L, false)]
    [InlineData(",\"eval_count\":3", null, 3L, true)]
    [InlineData(",\"eval_count\":3", null, 3L, false)]
    public async Task AbsentCount_IsZeroOfTheAnswerButUnknownOfThePrompt(string counts, long? input, long? output, bool streaming)
    {
        var done = Done.Replace("\"stop\"", "\"stop\"" + counts, StringComparison.Ordinal);
        Fake.Enqueue(streaming ? Lines(Line(""" "content":"Hi" """), done) : Lines(done));

        await CompleteAsync(streaming);

        var line = await Gateway.Logs.RequestAsync();
        (line.State["InputTokens"], line.State["OutputTokens"]).ShouldBe((input, output));
        line.State["CostUsd"].ShouldBe(counts.Length == 0 ? line.State["CostUsd"] : 0m);
    }

    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("length", "length")]
    [InlineData("", "stop")]
    public async Task DoneReason_IsTheFinishReason(string reason, string expected)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var done = Done.Replace("\"stop\"", $"\"{reason}\"", StringComparison.Ordinal);
            Fake.Enqueue(streaming ? Lines(Line(""" "content":"Hi" """), done) : Lines(done.Replace("\"content\":\"\"", "\"content\":\"Hi\"", StringComparison.Ordinal)));

            var answer = await CompleteAsync(streaming);

            (answer.Text, answer.FinishReason).ShouldBe(("Hi", expected));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ModelThatWasOnlyLoaded_IsAFailure(bool streaming)
    {
        var done = Done.Replace("\"stop\"", "\"load\"", StringComparison.Ordinal);
        Fake.Enqueue(streaming ? FakeOllama.StreamReply([done]) : Lines(done));

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ErrorAsync(response)).GetProperty("message").GetString()!.ShouldContain("finish reason load");
    }

    [Fact]
    public async Task Answer_CostsNothing()
    {
        AnswerAll(_ => FakeAnswer.Text("Hi"));

        using var completion = await AskAsync(streaming: false);
        using var reply = await Gateway.PostAsync("/chat", """{"prompt":"Hi","model":"llama3.2"}""");

        completion.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0");
        var json = JsonElement.Parse(await reply.Content.ReadAsStringAsync());
        json.GetProperty("cost_usd").GetDecimal().ShouldBe(0);
    }

    [Fact]
    public async Task StreamedAnswer_CostsNothingInTheLog()
    {
        AnswerAll(_ => FakeAnswer.Text("Hi"));

        await CompleteAsync(streaming: true);

        (await Gateway.Logs.RequestAsync()).State["CostUsd"].ShouldBe(0m);
    }
}
