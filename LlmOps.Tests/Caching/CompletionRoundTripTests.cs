using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Caching;

/// <summary>A completion that is streamed, and put together again, is the same; and which ones are kept at all.</summary>
public sealed class CompletionRoundTripTests
{
    [Fact]
    public void AnyCompletion_ComesBack_FromItsChunks()
    {
        for (var seed = 0; seed < 4000; seed++)
        {
            var completion = new RandomCompletion(seed).Json();
            var chunks = CompletionChunks.Of(completion).ToList();
            var merged = Merge(chunks);

            CompletionReader.MayBeKept(completion).ShouldBeTrue($"Seed {seed}");
            ShouldBeEqual(merged, completion, $"Seed {seed}");
            ShouldBeEqual(Merge(CompletionChunks.Of(merged)), completion, $"Seed {seed}, again");
            chunks.Exists(chunk => chunk.Contains((byte)'\n')).ShouldBeFalse($"Seed {seed}");
        }
    }

    [Fact]
    public void AnyCompletion_ComesBack_HoweverItsTextsAreCut()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var completion = new RandomCompletion(seed).Json();

            ShouldBeEqual(Merge(CompletionChunks.Of(completion).SelectMany(chunk => Cut(chunk, new Random(seed)))), completion, $"Seed {seed}");
        }
    }

    [Fact]
    public void AnyCompletion_IsRead_WholeAndAsAStream()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var completion = new RandomCompletion(seed).Json();
            var message = JsonNode.Parse(completion)!["choices"]![0]!["message"]!;

            var response = CompletionReader.Read(completion);
            var updates = CompletionReader.Replay(completion, withholdUsage: false).Where(update => update.MessageId == response.ResponseId).ToList();

            if (message["content"] is JsonValue content)
            {
                string.Concat(updates.Select(update => update.Text)).ShouldBe(content.GetValue<string>(), $"Seed {seed}");
                response.Messages[0].Text.ShouldBe(content.GetValue<string>(), $"Seed {seed}");
            }

            updates.Select(update => update.FinishReason).OfType<ChatFinishReason>().First().ShouldBe(response.FinishReason!.Value);
            updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Count().ShouldBe(response.Messages[0].Contents.OfType<FunctionCallContent>().Count(), $"Seed {seed}");
        }
    }

    [Fact]
    public void BrokenBytes_FailAsTheyShould_AndNothingThatIsKeptFailsLater()
    {
        var random = new Random(7);
        var kept = 0;
        for (var round = 0; round < 3000; round++)
        {
            var completion = new RandomCompletion(round).Json();
            var chunks = CompletionChunks.Of(completion).ToList();
            Break(random, chunks[random.Next(chunks.Count)]);
            Break(random, completion);
            try
            {
                JsonElement.Parse(Merge(chunks)).ValueKind.ShouldBe(JsonValueKind.Object);
            }
            catch (Exception exception) when (exception is InvalidOperationException or JsonException)
            {
            }

            if (CompletionReader.MayBeKept(completion))
            {
                kept++;
                CompletionReader.Read(completion).Messages.ShouldNotBeEmpty();
                CompletionReader.Replay(completion, withholdUsage: true).ShouldNotBeEmpty();
            }
        }

        // Many a broken byte is in a text.
        kept.ShouldBeInRange(100, 2900);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StreamOfAProvider_IsWhatItAnswersUnstreamed(bool obfuscation)
    {
        var answer = new FakeAnswer
        {
            Obfuscation = obfuscation,
            Extra = """{"provider":"Groq","vendor":{"a":[1,null,"x"]}}""",
            Choices =
            [
                new FakeChoice { Content = ["Hel", "lo 😀", " \"you\"\n"], Logprobs = [new FakeLogprob("Hel", -0.5, new FakeLogprob("Hi", -1)), new FakeLogprob("lo", -0.25)], MessageExtra = """{"annotations":[{"type":"url_citation"}],"vendor":{"b":1}}""", Extra = """{"native_finish_reason":"STOP"}""" },
                new FakeChoice { Reasoning = ["I ", "think"], ToolCalls = [new FakeToolCall("call_1", "weather", "{\"city\":", "\"Rome\"}"), new FakeToolCall("call_2", "time")] },
                new FakeChoice { Refusal = ["I can", "not"], FinishReason = "content_filter" },
                new FakeChoice { Content = ["a"], Reasoning = ["b"], ToolCalls = [new FakeToolCall("call_3", "time", "{}")], FinishReason = "length" },
            ],
        };

        var merged = Merge(FakeOpenAI.Chunks(answer, includeUsage: true).Select(Encoding.UTF8.GetBytes));

        // Streams have annotations only where there are any.
        var expected = JsonNode.Parse(FakeOpenAI.Completion(answer))!;
        foreach (var message in expected["choices"]!.AsArray().Select(choice => choice!["message"]!.AsObject()).Where(message => message["annotations"] is JsonArray { Count: 0 }))
        {
            message.Remove("annotations");
        }

        ShouldBeEqual(merged, Encoding.UTF8.GetBytes(expected.ToJsonString()));
    }

    [Fact]
    public void Text_IsCutIntoPieces_NeverInsideACharacter()
    {
        var text = string.Concat(Enumerable.Repeat("a😀", 200));

        var pieces = Contents(Completion(text)).Where(piece => piece.Length > 0).ToList();

        string.Concat(pieces).ShouldBe(text);
        pieces.ShouldAllBe(piece => piece.Length <= 51 && !char.IsLowSurrogate(piece, 0) && !char.IsHighSurrogate(piece, piece.Length - 1));
        pieces.Count(piece => piece.Length >= 50).ShouldBe(11);
    }

    [Fact]
    public void Text_WithLogprobs_IsOnePiece()
    {
        var text = new string('a', 500);

        Contents(Completion(text, """{"content":[{"token":"a"}]}""")).ShouldBe(["", text]);
        Contents(Completion(text, "null")).Count.ShouldBe(11);
    }

    [Fact]
    public void HalvesOfCharacters_DoNotStopAReplay()
    {
        var completion = """{"id":"\ud83d","choices":[{"index":0,"message":{"role":"assistant","content":"a\uDE00b","\ud83d":["\ud83d"]},"finish_reason":"stop"}]}"""u8.ToArray();

        CompletionReader.MayBeKept(completion).ShouldBeTrue();
        string.Concat(CompletionReader.Replay(completion, withholdUsage: true).Select(update => update.Text)).ShouldBe("a\ufffdb");
    }

    [Fact]
    public void WhatIsLong_AndNotOfTheText_ComesOnce()
    {
        var completion = Encoding.UTF8.GetBytes($$$"""{"id":"a","object":"chat.completion","model":"m","citations":["{{{new string('c', 100_000)}}}"],"provider":"{{{new string('p', 100_000)}}}","choices":[{"index":0,"message":{"role":"assistant","content":"{{{new string('t', 100_000)}}}"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"stop"}]}""");

        var chunks = CompletionChunks.Of(completion).ToList();

        chunks.Sum(chunk => chunk.Length).ShouldBeLessThan(1_000_000);
        chunks.Select(chunk => JsonElement.Parse(chunk)).ShouldAllBe(chunk => chunk.GetProperty("id").ValueEquals("a") && chunk.GetProperty("model").ValueEquals("m"));
        ShouldBeEqual(Merge(chunks), completion);
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""  {"error":null,"choices":[{"finish_reason":"length","message":{"content":"a","refusal":null},"index":0,"error":{}}]}  """)]
    [InlineData("""{"choices":[{"message":{"content":"a","refusal":""},"finish_reason":"s\u0074op"}],"error":""}""")]
    [InlineData("""{"choices":[{"message":{"content":[{"type":"text","text":"a"}]},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a"}]},"finish_reason":"tool_calls"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"","function_call":{"name":"a"}},"finish_reason":"function_call"}]}""")]
    [InlineData("""{"choices":[{"message":{"audio":{"id":"a"}},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"images":[{"type":"image_url"}]},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":1,"message":{"content":"a"},"finish_reason":"stop"},{"index":0,"message":{"content":"b"},"finish_reason":"length"}]}""")]
    public void WholeAnswers_MayBeKept(string completion) => CompletionReader.MayBeKept(Encoding.UTF8.GetBytes(completion)).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("{]}")]
    [InlineData("}")]
    [InlineData("<html>")]
    [InlineData("""{"choices":null}""")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[1]}""")]
    [InlineData("""{"choices":[{}]}""")]
    [InlineData("""{"choices":[{"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":null,"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":null}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"content_filter"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":["stop"]}]}""")]
    [InlineData("""{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":null,"tool_calls":[],"audio":{},"images":[]},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a","tool_calls":[null]},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a","refusal":"no"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"reasoning":"a"},"finish_reason":"length"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop","error":{"message":"x"}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"error":"x"}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop"},{"index":1,"message":{"content":"a"},"finish_reason":null}]}""")]
    [InlineData("""{"choices":[{"index":1,"message":{"content":"a"},"finish_reason":"stop"},{"index":1,"message":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":128,"message":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":-1,"message":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}{}""")]
    [InlineData("""{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]""")]
    public void AnythingElse_IsNotKept(string completion) => CompletionReader.MayBeKept(Encoding.UTF8.GetBytes(completion)).ShouldBeFalse();

    [Fact]
    public void BytesThatAreNoText_AreNotKept() =>
        CompletionReader.MayBeKept((byte[])[.. """{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"x":" """u8, 0xC3, .. "\"}"u8]).ShouldBeFalse();

    [Fact]
    public void CutCompletion_IsNotKept_WhereverItIsCut()
    {
        var completion = new RandomCompletion(1).Json();

        Enumerable.Range(0, completion.AsSpan().TrimEnd((byte)'\n').Length).ShouldAllBe(length => !CompletionReader.MayBeKept(completion.AsMemory(0, length)));
    }

    private static void Break(Random random, byte[] json)
    {
        for (var count = random.Next(1, 3); count > 0; count--)
        {
            json[random.Next(json.Length)] = (byte)(random.Next(4) == 0 ? random.Next(256) : json[random.Next(json.Length)]);
        }
    }

    // A chunk whose text or arguments come in pieces, of characters in halves even.
    private static List<byte[]> Cut(byte[] chunk, Random random)
    {
        var json = JsonNode.Parse(chunk)!;
        var delta = json["choices"] is JsonArray { Count: > 0 } choices ? choices[0]!["delta"] as JsonObject : null;
        var function = delta?["tool_calls"] is JsonArray { Count: 1 } calls && calls[0]!["custom"] is null ? calls[0]!["function"] as JsonObject : null;
        var (parent, name) = function is not null ? (function, "arguments") : (delta, "content");
        if (parent?[name] is not JsonValue value || value.GetValueKind() != JsonValueKind.String || (function is null && delta!.Count > 1))
        {
            return [chunk];
        }

        var text = value.GetValue<string>();
        var pieces = new List<byte[]>();
        var start = 0;
        do
        {
            var end = random.Next(start, Math.Min(text.Length, start + 9) + 1);
            var piece = string.Concat(text[start..end].Select(character => random.Next(3) > 0 && character is > '\u001f' and < '\ud800' and not '"' and not '\\' ? $"{character}" : $"\\u{(int)character:x4}"));
            parent[name] = "@";
            pieces.Add(Encoding.UTF8.GetBytes(json.ToJsonString().Replace("\"@\"", $"\"{piece}\"", StringComparison.Ordinal)));
            start = end;
            if (function is not null)
            {
                // Nothing but the arguments goes on.
                json["choices"]![0]!["delta"] = new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = delta!["tool_calls"]![0]!["index"]!.DeepClone(), ["function"] = parent = new JsonObject() }) };
                delta = json["choices"]![0]!["delta"]!.AsObject();
            }

            // Log probabilities are said once.
            json["choices"]![0]!.AsObject().Remove("logprobs");
        }
        while (start < text.Length);

        return pieces;
    }

    private static byte[] Completion(string text, string? logprobs = null) => Encoding.UTF8.GetBytes(
        $$"""{"id":"a","choices":[{"index":0,"message":{"role":"assistant","content":"{{text}}"},{{(logprobs is null ? "" : $"\"logprobs\":{logprobs},")}}"finish_reason":"stop"}]}""");

    private static List<string> Contents(byte[] completion) =>
    [
        .. CompletionChunks.Of(completion).Select(chunk => JsonNode.Parse(chunk)!["choices"]![0]!["delta"]!["content"]).OfType<JsonNode>().Select(content => content.GetValue<string>()),
    ];

    private static byte[] Merge(IEnumerable<byte[]> chunks)
    {
        var merger = new CompletionMerger();
        foreach (var chunk in chunks)
        {
            merger.Add(chunk);
        }

        var merged = merger.ToJson();
        merger.Length.ShouldBeGreaterThanOrEqualTo(merged.Length);
        return merged;
    }

    private static void ShouldBeEqual(byte[] actual, byte[] expected, string what = "") =>
        JsonElement.DeepEquals(JsonElement.Parse(actual), JsonElement.Parse(expected)).ShouldBeTrue($"{what}: {Encoding.UTF8.GetString(actual)}\nis not\n{Encoding.UTF8.GetString(expected)}");
}
