using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>Ollama's errors, as a body or as a line of a stream, become the documented failures.</summary>
public sealed class OllamaErrorTests : OllamaTests
{
    private const string Runner = """{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}""";

    public static TheoryData<int, string, int, string, string, bool> Rows
    {
        get
        {
            (int Status, string Error, int SeenStatus, string Code, string Words)[] rows =
            [
                (400, "invalid options: num_ctx", 400, "invalid_request", "invalid options: num_ctx"),
                (400, "registry.ollama.ai/library/llama3.2 does not support thinking", 400, "invalid_request", "does not support thinking"),
                (400, "the input length exceeds the context length", 400, "context_length_exceeded", "exceeds the context length"),
                (400, "prompt too long; exceeded max context length by 4 tokens", 400, "context_length_exceeded", "by 4 tokens"),
                (400, Runner, 400, "context_length_exceeded", "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"),
                (500, Runner, 400, "context_length_exceeded", "request (5000 tokens) exceeds"),
                (500, "context deadline exceeded", 502, "provider_error", "context deadline exceeded"),
                (500, "{\"error\":\"a text\"}", 502, "provider_error", "a text"),
                (500, "{not json", 502, "provider_error", "{not json"),
                (401, "unauthorized", 502, "provider_authentication", "did not accept the gateway's key"),
                (404, "model 'llama3.2' not found", 404, "model_not_found", "`ollama pull llama3.2`"),
                (404, "model \"llama3.2\" not found, try pulling it first", 404, "model_not_found", "`ollama pull llama3.2`"),
                (429, "too many requests", 429, "rate_limit_exceeded", "too many requests"),
                (500, "model runner has unexpectedly stopped", 502, "provider_error", "unexpectedly stopped"),
                (502, "upstream gone", 502, "provider_error", "upstream gone"),
                (503, "server busy, please try again.  maximum pending requests exceeded", 503, "provider_overloaded", "server busy"),
            ];
            var data = new TheoryData<int, string, int, string, string, bool>();
            foreach (var row in rows)
            {
                data.Add(row.Status, row.Error, row.SeenStatus, row.Code, row.Words, false);
                data.Add(row.Status, row.Error, row.SeenStatus, row.Code, row.Words, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Error_IsOneOfTheDocumentedFailures(int status, string error, int seenStatus, string code, string words, bool streaming)
    {
        Fake.Enqueue(FakeOllama.Error(status, error));

        using var response = await AskAsync(streaming);

        ((int)response.StatusCode).ShouldBe(seenStatus);
        var seen = await ErrorAsync(response);
        seen.GetProperty("code").GetString().ShouldBe(code);
        seen.GetProperty("message").GetString()!.ShouldContain(words);
        seen.GetProperty("message").GetString()!.ShouldNotContain("n_prompt_tokens");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WrongAddress_IsNoMissingModel(bool streaming)
    {
        Fake.Enqueue(FakeReply.Text(404, "text/plain", "404 page not found"));

        using var response = await AskAsync(streaming);

        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("provider_error");
    }

    [Theory]
    [InlineData("model runner has unexpectedly stopped", "provider_error", 502)]
    [InlineData("the input length exceeds the context length", "context_length_exceeded", 400)]
    public async Task ErrorLineBeforeTheContent_IsAStatus(string error, string code, int status)
    {
        Fake.Enqueue(FakeOllama.StreamReply([Line(""" "content":"" """), FakeErrors.Plain(error)]));

        using var response = await AskAsync(streaming: true);

        ((int)response.StatusCode).ShouldBe(status);
        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task ErrorInsideAnUnstreamedAnswer_IsAStatus()
    {
        Fake.Enqueue(Lines(FakeErrors.Plain("out of memory")));

        using var response = await AskAsync(streaming: false);

        ((int)response.StatusCode).ShouldBe(502);
        (await ErrorAsync(response)).GetProperty("message").GetString()!.ShouldContain("out of memory");
    }

    [Theory]
    [InlineData("error", "provider_error")]
    [InlineData("no last line", "provider_stream_interrupted")]
    [InlineData("cut", "provider_stream_interrupted")]
    [InlineData("reset", "provider_stream_interrupted")]
    [InlineData("half a line", "provider_stream_interrupted")]
    [InlineData("no JSON", "provider_bad_response")]
    public async Task FaultAfterContent_IsAnErrorEventWithoutDone(string fault, string code)
    {
        using var gate = new Gate();
        var begun = FakeOllama.StreamReply([Line(""" "content":"one " """), Line(""" "content":"two" """)]).ThenWaitFor(gate.Opened);
        Fake.Enqueue(fault switch
        {
            "error" => begun.Piece(FakeErrors.Plain("model runner has unexpectedly stopped") + "\n").Piece(Done + "\n"),
            "cut" => begun.ThenClose(),
            "reset" => begun.ThenReset(),
            "half a line" => begun.Piece(Done[..40]),
            "no JSON" => begun.Piece("Internal Server Error\n"),
            _ => begun,
        });

        using var response = await AskAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one two");
        stream.Done.ShouldBeFalse();
        stream.Broken.ShouldBeTrue();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(code);
        (await Gateway.Logs.RequestAsync()).State["FinishReason"].ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"model":"llama3.2","done":true,"done_reason":"stop"}""")]
    [InlineData("""{"models":[]}""")]
    [InlineData("[]")]
    public async Task UnstreamedAnswerWithoutAMessage_IsABadResponse(string body)
    {
        Fake.Enqueue(FakeReply.Json(200, body));

        using var response = await AskAsync(streaming: false);

        ((int)response.StatusCode).ShouldBe(502);
    }

    [Fact]
    public async Task UnstreamedAnswerThatIsNotDone_IsInterrupted()
    {
        Fake.Enqueue(Lines(Line(""" "content":"half" """)));

        using var response = await AskAsync(streaming: false);

        (await ErrorAsync(response)).GetProperty("code").GetString().ShouldBe("provider_stream_interrupted");
    }
}
