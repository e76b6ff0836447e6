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

        var unstreamed = await ProviderExchange.CompleteAsync(transport, Protocol(fake));
        var streamed = await ProviderExchange.StreamAsync(transport, Protocol(fake));

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
            (await ProviderExchange.StreamAsync(transport, Protocol(fake))).ShouldBe(expected);
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

    private static Task<SeenAnswer> StreamAsync(byte[][] pieces) => ProviderExchange.StreamAsync(pieces, TestedProvider.OpenAI.Protocol(new Uri("http://fake/")));

    private static IChatProtocol Protocol(FakeServer fake) => TestedProvider.OpenAI.Protocol(fake.BaseAddress);
}
