using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>What Gemini's answers become in OpenAI's form.</summary>
public sealed class GeminiAnswerTests : GeminiTests
{
    [Theory]
    [InlineData("SAFETY")]
    [InlineData("OTHER")]
    [InlineData("BLOCKLIST")]
    [InlineData("PROHIBITED_CONTENT")]
    [InlineData("IMAGE_SAFETY")]
    [InlineData("MODEL_ARMOR")]
    [InlineData("JAILBREAK")]
    [InlineData("SOMETHING_NEW")]
    public async Task BlockedPrompt_IsRefused(string reason)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            Fake.Enqueue(Reply(streaming, Blocked(reason)));

            var error = await FailAsync(streaming, HttpStatusCode.BadRequest);

            error.GetProperty("code").GetString().ShouldBe("content_filter");
            error.GetProperty("message").GetString()!.ShouldContain(reason);
        }
    }

    [Fact]
    public async Task BlockAfterTheFirstContent_IsAnErrorEvent()
    {
        using var gate = new Gate();
        Fake.Enqueue(FakeGemini.StreamReply([Part("""{"text":"one"}""")]).ThenWaitFor(gate.Opened).Event(Blocked("SAFETY")));

        using var response = await PostAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one");
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe("content_filter");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NoCandidatesAndNoReason_IsNoAnswer(bool streaming)
    {
        Fake.Enqueue(Reply(streaming, """{"usageMetadata":{"promptTokenCount":3}}"""));

        await FailAsync(streaming, HttpStatusCode.BadGateway);
    }

    [Theory]
    [InlineData(true, """{"finishReason":"MAX_TOKENS","index":0}""")]
    [InlineData(false, """{"finishReason":"MAX_TOKENS","index":0}""")]
    [InlineData(false, """{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}""")]
    [InlineData(true, """{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}""")]
    public async Task EverythingSpentOnThinking_IsAnEmptyAnswer(bool streaming, string candidate)
    {
        var seen = await AskAsync(streaming, Reply(streaming, $$"""{"candidates":[{{candidate}}],"usageMetadata":{"promptTokenCount":5,"thoughtsTokenCount":40,"totalTokenCount":45} }"""));

        seen.FinishReason.ShouldBe("length");
        seen.Text.ShouldBe("");
        seen.Usage.GetProperty("completion_tokens").GetInt32().ShouldBe(40);
        seen.Usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32().ShouldBe(40);
    }

    [Theory]
    [InlineData("STOP", "stop", true)]
    [InlineData("MAX_TOKENS", "length", true)]
    [InlineData("SAFETY", "content_filter", true)]
    [InlineData("RECITATION", "content_filter", true)]
    [InlineData("LANGUAGE", "content_filter", true)]
    [InlineData("BLOCKLIST", "content_filter", true)]
    [InlineData("PROHIBITED_CONTENT", "content_filter", true)]
    [InlineData("SPII", "content_filter", true)]
    [InlineData("IMAGE_SAFETY", "content_filter", true)]
    [InlineData("IMAGE_PROHIBITED_CONTENT", "content_filter", true)]
    [InlineData("IMAGE_RECITATION", "content_filter", true)]
    [InlineData("OTHER", "content_filter", false)]
    [InlineData("MALFORMED_FUNCTION_CALL", "content_filter", false)]
    [InlineData("UNEXPECTED_TOOL_CALL", "content_filter", false)]
    [InlineData("TOO_MANY_TOOL_CALLS", "content_filter", false)]
    [InlineData("NO_IMAGE", "content_filter", false)]
    [InlineData("IMAGE_OTHER", "content_filter", false)]
    [InlineData("FINISH_REASON_UNSPECIFIED", "content_filter", false)]
    [InlineData("SOMETHING_NEW", "content_filter", false)]
    public async Task FinishReason_IsOneOfOpenAIsWithGooglesOwnBesideIt(string reason, string seenReason, bool withoutContent)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var seen = await AskAsync(streaming, Reply(streaming, Part("""{"text":"half"}""", reason)));
            seen.Text.ShouldBe("half");
            seen.FinishReason.ShouldBe(seenReason);
            seen.Choice.GetProperty("native_finish_reason").GetString().ShouldBe(reason);

            var empty = Reply(streaming, $$"""{"candidates":[{"finishReason":"{{reason}}"}]}""");
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
    public async Task CallThatEndsWithStop_IsToolCalls(bool streaming)
    {
        var seen = await AskAsync(streaming, Reply(streaming, Part("""{"functionCall":{"name":"now"}}""")), $"{Hello},\"tools\":[{Weather}]");

        seen.FinishReason.ShouldBe("tool_calls");
        seen.Calls.Single().Arguments.ShouldBe("{}");
        seen.Calls.Single().Id.Length.ShouldBeLessThanOrEqualTo(40);
    }

    [Fact]
    public async Task UsageOfAStream_IsTheLastOne()
    {
        var seen = await AskAsync(true, Reply(true,
            """{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1,"thoughtsTokenCount":7,"totalTokenCount":18}}""",
            """{"candidates":[{"content":{"parts":[{"text":"b"}]}}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":7,"totalTokenCount":19}}""",
            """{"candidates":[{"content":{"parts":[{"text":"c"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"thoughtsTokenCount":7,"toolUsePromptTokenCount":4,"cachedContentTokenCount":8,"totalTokenCount":24}}"""));

        seen.Text.ShouldBe("abc");
        seen.Usage.GetRawText().ShouldBe("""{"prompt_tokens":14,"completion_tokens":10,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":7}}""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChunkAfterTheFinishReason_StillCounts(bool streaming)
    {
        string[] responses = streaming
            ? [Part("""{"text":"a"}""", "STOP"), """{"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":3,"totalTokenCount":5}}"""]
            : ["""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":3,"totalTokenCount":5}}"""];

        (await AskAsync(streaming, Reply(streaming, responses))).Usage.GetProperty("total_tokens").GetInt32().ShouldBe(5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Logprobs_AreTold(bool streaming)
    {
        Fake.Enqueue(Reply(streaming, """
            {"candidates":[{"content":{"parts":[{"text":"Hé"}]},"finishReason":"STOP","logprobsResult":{
            "topCandidates":[{"candidates":[{"token":"Hé","logProbability":-0.5},{"token":"Ho","logProbability":-1.5}]}],
            "chosenCandidates":[{"token":"Hé","logProbability":-0.5}]}}]}
            """.ReplaceLineEndings("")));

        using var response = await PostAsync(streaming, Hello + ",\"logprobs\":true,\"top_logprobs\":2");

        Sent.GetProperty("generationConfig").GetRawText().ShouldBe("""{"responseLogprobs":true,"logprobs":2}""");
        var choice = streaming
            ? (await SseText.ReadAsync(response)).Chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Single(choice => choice.GetProperty("logprobs").ValueKind != JsonValueKind.Null)
            : JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("choices")[0];
        JsonElement.DeepEquals(choice.GetProperty("logprobs").GetProperty("content"), JsonElement.Parse("""
            [{"token":"Hé","logprob":-0.5,"bytes":[72,195,169],"top_logprobs":[{"token":"Hé","logprob":-0.5,"bytes":[72,195,169]},{"token":"Ho","logprob":-1.5,"bytes":[72,111]}]}]
            """)).ShouldBeTrue(choice.GetRawText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Image_ComesInTheMessageAndGoesBack(bool streaming)
    {
        const string Image = """{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}""";
        var seen = await AskAsync(streaming, Reply(streaming, Part(Image)), Hello + ",\"modalities\":[\"text\",\"image\"]");

        Sent.GetProperty("generationConfig").GetProperty("responseModalities").GetRawText().ShouldBe("""["TEXT","IMAGE"]""");
        var images = seen.Message["images"].GetRawText();
        images.ShouldBe("""[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""");

        var sent = await SendAsync(streaming, $$""" "messages":[{"role":"user","content":"Draw"},{"role":"assistant","content":null,"images":{{images}}},{"role":"user","content":"Bigger"}] """);
        sent.GetProperty("contents")[1].GetProperty("parts").GetRawText().ShouldBe($"[{Image}]");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InvalidImage_IsABadResponse(bool streaming)
    {
        Fake.Enqueue(Reply(streaming, Part("""{"inlineData":{"mimeType":"image/png","data":"%%%"}}""")));

        (await FailAsync(streaming, HttpStatusCode.BadGateway)).GetProperty("code").GetString().ShouldBe("provider_bad_response");
    }

    private static string Blocked(string reason) => $$"""{"promptFeedback":{"blockReason":"{{reason}}"},"usageMetadata":{"promptTokenCount":4},"modelVersion":"gemini-2.5-flash"}""";

    private static string Part(string part, string reason = "STOP") => $$"""{"candidates":[{"content":{"parts":[{{part}}],"role":"model"},"finishReason":"{{reason}}"}]}""";
}
