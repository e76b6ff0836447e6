using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>Gemini's protocol by its documented wire form.</summary>
public sealed class FakeGeminiTests : FakeProtocolTests
{
    private const string Model = "/v1beta/models/gemini-2.5-pro";
    private const string Question = """{"contents":[{"role":"user","parts":[{"text":"?"}]}]}""";

    private static readonly FakeAnswer Thoughtful = FakeAnswer.Of(new FakeChoice { Reasoning = ["hm"], Content = ["a", "b"] }) with
    {
        Id = "i",
        Model = "m",
        Usage = new(10, 8, CachedTokens: 4, ReasoningTokens: 5) { Details = false },
    };

    [Fact]
    public void Chunks_HaveGeminisExactForm()
    {
        FakeGemini.Chunks(Thoughtful).ShouldBe([
            """{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1,"totalTokenCount":12,"cachedContentTokenCount":4,"thoughtsTokenCount":1},"modelVersion":"m","responseId":"i"}""",
            """{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":15,"cachedContentTokenCount":4,"thoughtsTokenCount":3},"modelVersion":"m","responseId":"i"}""",
            """{"candidates":[{"content":{"parts":[{"text":"b"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":18,"cachedContentTokenCount":4,"thoughtsTokenCount":5},"modelVersion":"m","responseId":"i"}""",
        ]);
        FakeGemini.StreamText(FakeAnswer.Text("ü")).ShouldMatch("^data: \\{[^\n]*\"text\":\"ü\"[^\n]*\\}\r\n\r\n$");
    }

    [Theory]
    [InlineData("stop", "STOP")]
    [InlineData("tool_calls", "STOP")]
    [InlineData("length", "MAX_TOKENS")]
    [InlineData("content_filter", "SAFETY")]
    [InlineData("MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL")]
    public void FinishReasons_AreGooglesWords(string reason, string word)
    {
        JsonElement candidate = Parse(FakeGemini.Completion(FakeAnswer.Of(new FakeChoice { FinishReason = reason }))).GetProperty("candidates")[0];

        candidate.GetProperty("finishReason").GetString().ShouldBe(word);
        candidate.GetProperty("content").GetRawText().ShouldNotContain("parts");
    }

    [Fact]
    public void CallsSignaturesAndLogprobs_AreOnTheirParts()
    {
        FakeAnswer answer = FakeAnswer.Of(new FakeChoice
        {
            Content = ["a"],
            Logprobs = [new("a", -0.5, new FakeLogprob("z", -1))],
            ReasoningSignature = "text",
            ToolCalls = [new FakeToolCall("c", "f", """{"a":""", "1}") { Signature = "call" }, new FakeToolCall("d", "g")],
        });

        JsonElement[] parts = [.. FakeGemini.Chunks(answer).Select(chunk => Parse(chunk).GetProperty("candidates")[0].GetProperty("content").GetProperty("parts")[0])];

        parts.Select(part => part.GetRawText()).ShouldBe([
            """{"text":"a"}""",
            """{"text":"","thoughtSignature":"text"}""",
            """{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"call"}""",
            """{"functionCall":{"name":"g","args":{}}}""",
        ]);
        FakeGemini.Chunks(answer with { CallIds = true })[2].ShouldContain("""{"id":"c","name":"f",""");
        FakeGemini.Chunks(answer)[0].ShouldContain("""
            "logprobsResult":{"topCandidates":[{"candidates":[{"token":"z","logProbability":-1}]}],"chosenCandidates":[{"token":"a","logProbability":-0.5}]}
            """);
    }

    [Fact]
    public async Task Path_ChoosesTheForm()
    {
        Serve(FakeAnswer.Text("a", "b"));

        JsonElement whole = Parse((await PostAsync(Model + ":generateContent", Question)).Text);
        JsonElement array = Parse((await PostAsync(Model + ":streamGenerateContent", Question)).Text);
        (int status, string events, HttpResponseMessage response) = await PostAsync(Model + ":streamGenerateContent?alt=sse", Question);

        whole.GetProperty("modelVersion").GetString().ShouldBe("gemini-2.5-pro");
        array.GetArrayLength().ShouldBe(2);
        status.ShouldBe(200);
        events.ShouldBe(FakeGemini.StreamText(FakeAnswer.Text("a", "b") with { Model = "gemini-2.5-pro" }));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        response.Headers.Contains("x-request-id").ShouldBeFalse();
    }

    [Theory]
    [InlineData("{", "Invalid JSON payload received. ")]
    [InlineData("""{"contents":[]}""", "* GenerateContentRequest.contents: contents is not specified")]
    [InlineData("""{"user":"x"}""", "Invalid JSON payload received. Unknown name \"user\": Cannot find field.")]
    [InlineData("""{"generationConfig":{"max_tokens":1}}""", "Invalid JSON payload received. Unknown name \"max_tokens\" at 'generation_config': Cannot find field.")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"f","parameters":{"properties":{"a":{"const":1}}}}]}]}""", "Unknown name \"const\" at 'tools[0].function_declarations[0].parameters.properties[0].value': Cannot find field.")]
    [InlineData("""{"generation_config":{"maxOutputTokens":1},"contents":[{"parts":[{"functionCall":{"name":"f","args":"{}"}}]}]}""", "Invalid value at 'contents[0].parts[0].function_call.args'")]
    [InlineData("""{"contents":[{"parts":[{"functionResponse":{"name":"f","response":"1"}}]}]}""", "Invalid value at 'contents[0].parts[0].function_response.response'")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"?"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}""", "Please ensure that the number of function response parts is equal")]
    [InlineData("""{"contents":[{"role":"system","parts":[{"text":"?"}]}]}""", "Please use a valid role")]
    [InlineData("""{"generationConfig":{"seed":3000000000}}""", "Invalid value at 'generation_config.seed' (TYPE_INT32), 3000000000")]
    [InlineData("""{"generationConfig":{"stopSequences":["1","2","3","4","5","6"]}}""", "stop_sequences")]
    public async Task InvalidRequests_AreRefusedInGooglesShape(string body, string message)
    {
        Serve(FakeAnswer.Text("never"));

        (int status, string text, _) = await PostAsync(Model + ":streamGenerateContent?alt=sse", body);
        string array = (await PostAsync(Model + ":streamGenerateContent", body)).Text;

        JsonElement error = Parse(text).GetProperty("error");
        (status, error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()).ShouldBe((400, 400, "INVALID_ARGUMENT"));
        error.GetProperty("message").GetString()!.ShouldContain(message);
        array.ShouldBe($"[{text}]");
    }

    [Theory]
    [InlineData("\"thoughtSignature\":\"s1\",", 200, "candidates")]
    [InlineData("\"thoughtSignature\":\"s2\",", 400, "Corrupted thought signature.")]
    [InlineData("", 400, "Function call is missing a thought_signature")]
    public async Task IssuedSignatures_AreWantedBack(string signature, int expected, string message)
    {
        Serve(FakeAnswer.Calls(new FakeToolCall("c", "f", """{"a":1,"b":2}""") { Signature = "s1" }));
        await PostAsync(Model + ":generateContent", Question);

        (int status, string text, _) = await PostAsync(Model + ":generateContent", """
            {"contents":[{"role":"user","parts":[{"text":"?"}]},
             {"role":"model","parts":[{SIGNATURE"functionCall":{"name":"f","args":{"b":2,"a":1}}}]},
             {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":1}}}]}]}
            """.Replace("SIGNATURE", signature, StringComparison.Ordinal));

        status.ShouldBe(expected);
        text.ShouldContain(message);
    }

    [Fact]
    public async Task OtherPathsAndKeys_AreRefused()
    {
        Serve(FakeAnswer.Text("never"));

        (await SendAsync("/v1/models/m:generateContent", Question)).Status.ShouldBe(404);
        (await SendAsync(Model + ":generateContent", Question)).Status.ShouldBe(403);
        (int status, string text, _) = await SendAsync(Model + ":generateContent", Question, ("x-goog-api-key", "wrong"));
        status.ShouldBe(400);
        text.ShouldContain("\"reason\":\"API_KEY_INVALID\"");
        (await SendAsync(Model + ":generateContent?key=" + Key, Question)).Status.ShouldBe(500);
        Server.Faults.ShouldHaveSingleItem().ShouldBeOfType<InvalidOperationException>();
    }

    [Fact]
    public async Task ErrorDetails_AreGoogles()
    {
        Server.Handler = _ => FakeGemini.Error(429, "Quota", details: [FakeGemini.QuotaFailure("PerDay"), FakeGemini.RetryInfo("22s")]);

        JsonElement error = Parse((await PostAsync(Model + ":generateContent", Question)).Text).GetProperty("error");

        error.GetProperty("status").GetString().ShouldBe("RESOURCE_EXHAUSTED");
        error.GetProperty("details")[0].GetProperty("violations")[0].GetProperty("quotaId").GetString().ShouldBe("PerDay");
        error.GetProperty("details")[1].GetRawText().ShouldBe("""{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"22s"}""");
    }

    [Fact]
    public async Task Question_IsRead()
    {
        Server.Handler = FakeGemini.Handler(request => FakeAnswer.Text(FakeQuestion.Of(request).ToString()));

        string text = (await PostAsync(Model + ":generateContent", """
            {"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}],
             "tools":[{"functionDeclarations":[{"name":"f"}]}],"generationConfig":{"responseMimeType":"application/json"}}
            """)).Text;

        text.ShouldContain("HasToolResult = True, HasTools = True, WantsJson = True, Text = x");
    }

    private void Serve(FakeAnswer answer) => Server.Handler = FakeGemini.Handler(answer, Key);

    private Task<(int Status, string Text, HttpResponseMessage Response)> PostAsync(string path, string body) =>
        SendAsync(path, body, ("x-goog-api-key", Key));
}
