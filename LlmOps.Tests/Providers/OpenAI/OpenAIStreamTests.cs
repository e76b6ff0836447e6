using System.Net;
using System.Text;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>However the bytes are cut, and streamed or not, an exchange has one result.</summary>
public sealed class OpenAIStreamTests
{
    private static readonly Dictionary<string, FakeAnswer> Answers = new()
    {
        ["text"] = FakeAnswer.Text("Hel", "lo ", "wörld — ", "日本", "🎉"),
        ["text with usage details"] = FakeAnswer.Text("a", "b") with { Usage = new FakeUsage(100, 50, CachedTokens: 64, ReasoningTokens: 32) },
        ["reasoning"] = FakeAnswer.Of(new FakeChoice { Reasoning = ["Let me ", "think."], Content = ["42"] }),
        ["reasoning, OpenRouter's name"] = FakeAnswer.Of(new FakeChoice { Reasoning = ["Hm"], Content = ["42"] }) with { ReasoningField = "reasoning" },
        ["refusal"] = FakeAnswer.Of(new FakeChoice { Refusal = ["I can't ", "help."] }),
        ["one tool call"] = FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Par", "is\"}")),
        ["parallel tool calls"] = FakeAnswer.Calls(
            new FakeToolCall("call_1", "get_weather", "{\"city\":\"Paris\"}"), new FakeToolCall("call_2", "get_time", "{\"zone\"", ":\"CET\"}"), new FakeToolCall("call_3", "no_arguments", "{}")),
        ["text and tool call"] = FakeAnswer.Of(new FakeChoice { Content = ["Let me look."], ToolCalls = [new FakeToolCall("c", "f", "{\"a\":1}")] }),
        ["length"] = FakeAnswer.Of(new FakeChoice { Content = ["cut"], FinishReason = "length" }),
        ["content filter"] = FakeAnswer.Of(new FakeChoice { Content = [], FinishReason = "content_filter" }),
        ["a vendor's finish reason"] = FakeAnswer.Of(new FakeChoice { Content = ["x"], FinishReason = "eos" }),
        ["obfuscation"] = FakeAnswer.Text("padded") with { Obfuscation = true },
    };

    public static TheoryData<string> Names => [.. Answers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task StreamedAnswer_EqualsTheUnstreamedOne(string name)
    {
        await using var fake = new FakeServer(FakeOpenAI.Handler(Answers[name], GatewayApplication.ProviderKey));
        using var transport = new ProviderTransport(TimeProvider.System);

        var unstreamed = await OpenAIExchange.CompleteAsync(transport, new Uri(fake.BaseAddress, "v1"));
        var streamed = await OpenAIExchange.StreamAsync(transport, new Uri(fake.BaseAddress, "v1"));

        streamed.ShouldBe(unstreamed);
        unstreamed.FinishReason.ShouldBe(Answers[name].Choices[0].FinishReason);
        unstreamed.Usage.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EveryByteSplit_GivesTheSameResult(string name)
    {
        foreach (var lineEnd in (string[])["\n", "\r\n", "\r"])
        {
            var bytes = StreamBytes(Answers[name], lineEnd);
            var whole = await StreamAsync([bytes]);
            whole.FinishReason.ShouldNotBeNull();

            foreach (var pieces in ByteSplit.AtEachBoundary(bytes))
            {
                (await StreamAsync(pieces)).ShouldBe(whole);
            }

            (await StreamAsync(ByteSplit.EveryByte(bytes))).ShouldBe(whole);
        }
    }

    [Fact]
    public async Task EveryByteSplitOverASocket_GivesTheSameResult()
    {
        var bytes = StreamBytes(FakeAnswer.Text("wörld ", "🎉"), "\n");
        await using var fake = new FakeServer();
        using var transport = new ProviderTransport(TimeProvider.System);
        var expected = await StreamAsync([bytes]);

        foreach (var pieces in ByteSplit.AtEachBoundary(bytes).Append(ByteSplit.EveryByte(bytes)))
        {
            fake.Enqueue(FakeReply.SseRaw(pieces));
            (await OpenAIExchange.StreamAsync(transport, new Uri(fake.BaseAddress, "v1"))).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task EveryCut_IsAnError()
    {
        var bytes = StreamBytes(Answers["parallel tool calls"], "\n");
        var end = Encoding.UTF8.GetString(bytes).IndexOf("[DONE]", StringComparison.Ordinal) + "[DONE]".Length;

        for (var length = 0; length < end; length++)
        {
            var exception = await Should.ThrowAsync<ProviderException>(() => StreamAsync([bytes[..length]]), $"cut after {length} of {end} bytes");
            exception.Error.ShouldBeOneOf(ErrorCode.ProviderStreamInterrupted, ErrorCode.ProviderBadResponse);
        }
    }

    [Theory]
    [InlineData(": OPENROUTER PROCESSING\n\n")]
    [InlineData(":\n\n")]
    [InlineData("event: message\nid: 7\nretry: 100\n")]
    [InlineData("\uFEFF")]
    [InlineData("data\n\n")]
    [InlineData("data:\n\n")]
    public async Task WhatIsNoChunk_IsPassedOver(string before)
    {
        var bytes = StreamBytes(Answers["text"], "\n");

        var seen = await StreamAsync([Encoding.UTF8.GetBytes(before), bytes]);

        seen.ShouldBe(await StreamAsync([bytes]));
    }

    [Fact]
    public async Task EventOverSeveralDataLines_IsOneChunk()
    {
        var lines = FakeOpenAI.Chunks(Answers["text"], includeUsage: true)
            .Select(chunk => $"data: {chunk.Replace("\"choices\":", "\ndata: \"choices\":", StringComparison.Ordinal)}\n\n");
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines) + "data: [DONE]\n\n");

        (await StreamAsync([bytes])).ShouldBe(await StreamAsync([StreamBytes(Answers["text"], "\n")]));
    }

    [Fact]
    public async Task DoneWithoutAFinishReason_IsACutStream()
    {
        var chunks = FakeOpenAI.Chunks(FakeAnswer.Text("half")).SkipLast(1);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(chunks.Select(chunk => $"data: {chunk}\n\n")) + "data: [DONE]\n\n");

        (await Should.ThrowAsync<ProviderException>(() => StreamAsync([bytes]))).Error.ShouldBe(ErrorCode.ProviderStreamInterrupted);
    }

    [Fact]
    public async Task OneOfSeveralChoicesUnfinished_IsACutStream()
    {
        var answer = FakeAnswer.Of(new FakeChoice { Content = ["a"] }, new FakeChoice { Content = ["b"] });
        var chunks = FakeOpenAI.Chunks(answer).ToList();
        chunks.RemoveAt(chunks.FindLastIndex(chunk => chunk.Contains("\"finish_reason\":\"stop\"", StringComparison.Ordinal)));
        var bytes = Encoding.UTF8.GetBytes(string.Concat(chunks.Select(chunk => $"data: {chunk}\n\n")) + "data: [DONE]\n\n");

        (await Should.ThrowAsync<ProviderException>(() => StreamAsync([bytes]))).Error.ShouldBe(ErrorCode.ProviderStreamInterrupted);
    }

    [Fact]
    public async Task HalfASurrogatePair_DoesNotBreakTheStream()
    {
        string[] chunks =
        [
            """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"\ud83c"},"finish_reason":null}]}""",
            """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"\udf89"},"finish_reason":"stop"}]}""",
        ];
        var bytes = Encoding.UTF8.GetBytes(string.Concat(chunks.Select(chunk => $"data: {chunk}\n\n")) + "data: [DONE]\n\n");

        (await StreamAsync([bytes])).FinishReason.ShouldBe("stop");
    }

    private static byte[] StreamBytes(FakeAnswer answer, string lineEnd) =>
        Encoding.UTF8.GetBytes(string.Concat(FakeOpenAI.Chunks(answer, includeUsage: true).Append("[DONE]").Select(data => $"data: {data}{lineEnd}{lineEnd}")));

    private static async Task<SeenAnswer> StreamAsync(byte[][] pieces)
    {
        using var transport = new ProviderTransport(TimeProvider.System, new PiecesHandler(pieces));
        return await OpenAIExchange.StreamAsync(transport, new Uri("http://fake/v1"));
    }

    /// <summary>Answers with a body of which each read gives exactly one piece.</summary>
    private sealed class PiecesHandler(byte[][] pieces) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new PiecesStream(pieces));
            content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }

    private sealed class PiecesStream(byte[][] pieces) : MemoryStream
    {
        private readonly Queue<ReadOnlyMemory<byte>> _pieces = new(pieces.Where(piece => piece.Length > 0).Select(piece => (ReadOnlyMemory<byte>)piece));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_pieces.TryDequeue(out var piece))
            {
                return ValueTask.FromResult(0);
            }

            var length = Math.Min(piece.Length, buffer.Length);
            piece[..length].CopyTo(buffer);
            if (length < piece.Length)
            {
                // What did not fit comes first again.
                var rest = _pieces.ToArray();
                _pieces.Clear();
                _pieces.Enqueue(piece[length..]);
                Array.ForEach(rest, _pieces.Enqueue);
            }

            return ValueTask.FromResult(length);
        }
    }
}
