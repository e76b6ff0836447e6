using System.Text;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>At every provider: however the bytes are cut, and streamed or not, an exchange has one result; a cut stream never looks complete.</summary>
public sealed class StreamTests
{
    private static readonly Dictionary<string, FakeAnswer> Answers = new()
    {
        ["text"] = FakeAnswer.Text("Hel", "lo ", "wörld — ", "日本", "🎉"),
        ["usage in detail"] = FakeAnswer.Text("a", "b") with { Usage = new FakeUsage(100, 50, CachedTokens: 64, ReasoningTokens: 32) },
        ["parallel tool calls"] = FakeAnswer.Calls(
            new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Pa", "ris\"}") { Signature = "c2lnbmVk" }, new FakeToolCall("call_2", "get_time", "{\"zone\":\"ÖZ\"}")),
        ["a tool call without arguments"] = FakeAnswer.Calls(new FakeToolCall("call_1", "now")),
        ["text and a tool call"] = FakeAnswer.Of(new FakeChoice { Content = ["Let me ", "see."], ToolCalls = [new FakeToolCall("call_1", "get_weather", "{\"city\":\"Rome\"}")] }),
        ["reasoning"] = FakeAnswer.Of(new FakeChoice { Reasoning = ["Let me ", "think. "], ReasoningSignature = "c2lnbmF0dXJl", Content = ["42"] }),
        ["cut by length"] = FakeAnswer.Of(new FakeChoice { Content = ["Once upon"], FinishReason = "length" }),
        ["filtered"] = FakeAnswer.Of(new FakeChoice { Content = ["I"], FinishReason = "content_filter" }),
    };

    public static TheoryData<string, string> ProvidersAndAnswers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in TestedProvider.All)
            {
                foreach (var name in Answers.Keys)
                {
                    data.Add(provider.Name, name);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Providers => ProviderTests.Names;

    [Theory]
    [MemberData(nameof(ProvidersAndAnswers))]
    public async Task StreamedAnswer_EqualsTheUnstreamedOne(string name, string answer)
    {
        var provider = TestedProvider.Named(name);
        await using var fake = new FakeServer();
        fake.Enqueue(provider.Reply(Answers[answer]), provider.Stream(provider.StreamEvents(Answers[answer])));
        using var transport = new ProviderTransport(TimeProvider.System);

        var unstreamed = await ProviderExchange.CompleteAsync(transport, provider.Protocol(fake.BaseAddress));
        var streamed = await ProviderExchange.StreamAsync(transport, provider.Protocol(fake.BaseAddress));

        streamed.ShouldBe(unstreamed);
        unstreamed.FinishReason.ShouldBe(provider == TestedProvider.Ollama && answer == "filtered" ? "stop" : Answers[answer].Choices[0].FinishReason);
        unstreamed.Text.ShouldBe(string.Concat(Answers[answer].Choices[0].Content));
        unstreamed.Reasoning.ShouldBe(string.Concat(Answers[answer].Choices[0].Reasoning));
        unstreamed.ToolCalls.Split("; ", StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(Answers[answer].Choices[0].ToolCalls.Count);
        unstreamed.Usage.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(ProvidersAndAnswers))]
    public async Task EveryByteSplit_GivesTheSameResult(string name, string answer)
    {
        var provider = TestedProvider.Named(name);
        foreach (var lineEnd in (string[])["\n", "\r\n"])
        {
            var text = string.Concat(provider.StreamEvents(Answers[answer])).ReplaceLineEndings(lineEnd);
            var bytes = Encoding.UTF8.GetBytes(text);
            var whole = await StreamAsync(provider, [bytes]);
            whole.FinishReason.ShouldNotBeNull();

            foreach (var pieces in ByteSplit.AtEachBoundary(bytes))
            {
                (await StreamAsync(provider, pieces)).ShouldBe(whole);
            }

            (await StreamAsync(provider, ByteSplit.EveryByte(bytes))).ShouldBe(whole);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task EveryByteSplitOverASocket_GivesTheSameResult(string name)
    {
        var provider = TestedProvider.Named(name);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(provider.StreamEvents(FakeAnswer.Text("wörld ", "🎉"))));
        await using var fake = new FakeServer();
        using var transport = new ProviderTransport(TimeProvider.System);
        var expected = await StreamAsync(provider, [bytes]);

        foreach (var pieces in ByteSplit.AtEachBoundary(bytes).Append(ByteSplit.EveryByte(bytes)))
        {
            fake.Enqueue(provider.Stream([]).Pieces(pieces));
            (await ProviderExchange.StreamAsync(transport, provider.Protocol(fake.BaseAddress))).ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task EveryCut_IsAnError(string name)
    {
        var provider = TestedProvider.Named(name);
        var text = string.Concat(provider.StreamEvents(Answers["parallel tool calls"]));
        var bytes = Encoding.UTF8.GetBytes(text);

        // What comes after the terminal event's own bytes is but its line's end.
        var end = Encoding.UTF8.GetByteCount(text.TrimEnd('\n', '\r'));
        for (var length = 0; length < end; length++)
        {
            var exception = await Should.ThrowAsync<ProviderException>(() => StreamAsync(provider, [bytes[..length]]), $"cut after {length} of {end} bytes");
            exception.Error.ShouldBeOneOf(ErrorCode.ProviderStreamInterrupted, ErrorCode.ProviderBadResponse);
        }
    }

    private static Task<SeenAnswer> StreamAsync(TestedProvider provider, byte[][] pieces) =>
        ProviderExchange.StreamAsync(pieces, provider.Protocol(new Uri("http://fake/")));
}
