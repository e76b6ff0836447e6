using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Caching.Completions;

namespace LlmOps.Tests.Caching;

/// <summary>What becomes of streams as servers send them, and which are not put together at all.</summary>
public sealed class CompletionMergerTests
{
    [Fact]
    public void Stream_OfOpenAI_IsTheCompletionThatItIs()
    {
        const string Head = """ "id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"default","system_fingerprint":"fp" """;
        var merged = Merge(
            $$"""{ {{Head}}, "choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"a1"}""",
            $$"""{ {{Head}}, "choices":[{"index":0,"delta":{"content":"Grüß \"Gott\"\n"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"b"}""",
            $$"""{ {{Head}}, "choices":[{"index":0,"delta":{"content":"\u00e9 \ud83d\ude00 😀"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"c33"}""",
            $$"""{ {{Head}}, "choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}""",
            $$$"""{ {{{Head}}}, "choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""");

        ShouldBe(merged, """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","service_tier":"default","system_fingerprint":"fp",
            "choices":[{"index":0,"message":{"role":"assistant","content":"Grüß \"Gott\"\né 😀 😀","refusal":null},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
            """);
    }

    [Fact]
    public void Choices_ThatTakeTurns_AreKeptApart_WithAllTheyHave()
    {
        var merged = Merge(
            """{"choices":[{"index":1,"delta":{"role":"assistant","content":""}},{"index":0,"delta":{"role":"assistant","content":null,"reasoning":"I "}}]}""",
            """{"choices":[{"delta":{"content":"b"},"index":1,"logprobs":{"content":[{"token":"b","bytes":[98]}],"refusal":null}}]}""",
            """{"choices":[{"index":0,"delta":{"role":"assistant","reasoning":"think","reasoning_content":"so"}}]}""",
            """{"choices":[{"index":0,"delta":{"refusal":"No"},"logprobs":{"content":null,"refusal":[{"token":"No"}]}},{"index":1,"delta":{"content":"c"},"logprobs":{"content":[ ],"refusal":null}}]}""",
            """{"choices":[{"index":0,"delta":{"refusal":"!"},"logprobs":{"content":null,"refusal":[{"token":"!"}, {"token":"?"}]},"finish_reason":"stop"}]}""",
            """{"choices":[{"index":1,"delta":{"content":"d"},"logprobs":{"content":[{"token":"c"},{"token":"d"}]},"finish_reason":"length"}]}""");

        ShouldBe(merged.GetProperty("choices"), """
            [{"index":0,"message":{"role":"assistant","content":null,"reasoning":"I think","reasoning_content":"so","refusal":"No!"},
              "logprobs":{"content":null,"refusal":[{"token":"No"},{"token":"!"},{"token":"?"}]},"finish_reason":"stop"},
             {"index":1,"message":{"role":"assistant","content":"bcd"},
              "logprobs":{"content":[{"token":"b","bytes":[98]},{"token":"c"},{"token":"d"}],"refusal":null},"finish_reason":"length"}]
            """);
    }

    [Fact]
    public void UnknownFields_AreKept()
    {
        var merged = Merge(
            """{"x_groq":{"id":"r","seed":1},"citations":["a"],"none":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"a","vendor":{"x":[1,{"y":null}]},"list":[1],"word":"w","token_id":1},"stop_reason":null,"filter":{"hate":1},"token_ids":[1,2],"seed":5}]}""",
            """{"x_groq":{"id":"r"},"citations":["a","b"],"choices":[{"index":0,"delta":{"content":"b","vendor":null,"list":[],"word":"","token_id":2,"\u0061dded":true},"stop_reason":"s","filter":{"hate":2},"token_ids":[3]}]}""");

        ShouldBe(merged, """
            {"object":"chat.completion","x_groq":{"id":"r"},"citations":["a","b"],"none":null,
            "choices":[{"index":0,"message":{"role":"assistant","content":"ab","vendor":{"x":[1,{"y":null}]},"list":[1],"word":"w","token_id":2,"added":true},"stop_reason":"s","filter":{"hate":2},"token_ids":[1,2,3],"seed":5}]}
            """);
    }

    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":1}}""", """{"usage":{"prompt_tokens":1,"completion_tokens":2}}""", """{"usage":null}""", """{"prompt_tokens":1,"completion_tokens":2}""")]
    [InlineData("""{"usage":null}""", """{"usage":{"total_tokens":1}}""", """{"usage":{"total_tokens":9}}""", """{"total_tokens":9}""")]
    [InlineData("""{"usage":{"total_tokens":9}}""", """{"usage":{"total_tokens":9}}""", """{"choices":[],"usage":{"total_tokens":1}}""", """{"total_tokens":1}""")]
    public void Usage_IsTheLastThatIsTold(string first, string second, string third, string expected)
    {
        var merger = Merger(first, second, third);

        merger.HasUsage.ShouldBeTrue();
        ShouldBe(JsonElement.Parse(merger.ToJson()).GetProperty("usage"), expected);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{}}""")]
    [InlineData("""{"usage":"none","x_groq":{"usage":{"total_tokens":1}}}""")]
    public void Usage_ThatSaysNothing_IsNone(string chunk) => Merger(chunk).HasUsage.ShouldBeFalse();

    [Fact]
    public void LastChunk_TakesNothingBack_AndMayHaveText()
    {
        var merged = Merge(
            """{"id":"","model":"","created":0,"choices":[],"prompt_filter_results":[]}""",
            """{"id":"a","model":"m","created":7,"system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":"a"},"finish_reason":""}]}""",
            """{"id":"a","model":"m","created":7,"system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"","content":"b"},"finish_reason":"stop","native":"STOP"}]}""",
            """{"id":"","model":"m","created":7,"choices":[{"index":0,"delta":{"content":"c"},"finish_reason":null,"native":null}]}""",
            """{"id":"","object":"","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":null},"finish_reason":"","native":""}]}""");

        ShouldBe(merged, """
            {"id":"a","object":"chat.completion","model":"m","created":7,"prompt_filter_results":[],"system_fingerprint":"fp",
            "choices":[{"index":0,"message":{"role":"assistant","content":"abc","tool_calls":null},"finish_reason":"stop","native":"STOP"}]}
            """);
    }

    [Fact]
    public void MessageBesideTheDelta_IsNotWhatIsAdded()
    {
        var merged = Merge(
            """{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"delta":{"role":"assistant","content":"a"}}]}""",
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":"b"},"message":{"role":"assistant","content":"ab"}}]}""");

        merged.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("ab");
        Fails("""{"choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"stop"}]}""");
    }

    [Fact]
    public void Lists_Grow_WhereTheirItemsAreWhole()
    {
        var message = Message(
            """{"annotations":[],"images":[{"type":"image_url","image_url":{"url":"data:a"},"index":0}]}""",
            """{"annotations":[ {"type":"url_citation","url_citation":{"url":"a"}} ]}""",
            """{"annotations":[{"type":"url_citation","url_citation":{"url":"b"}}],"images":[{"type":"image_url","image_url":{"url":"data:b"},"index":1}]}""");

        ShouldBe(message, """
            {"annotations":[{"type":"url_citation","url_citation":{"url":"a"}},{"type":"url_citation","url_citation":{"url":"b"}}],
            "images":[{"type":"image_url","image_url":{"url":"data:a"},"index":0},{"type":"image_url","image_url":{"url":"data:b"},"index":1}]}
            """);
    }

    [Fact]
    public void BlocksOfReasoning_GoOn_WhereIndexAndTypeSaySo()
    {
        var message = Message(
            """{"reasoning_details":[{"type":"reasoning.text","text":"I ","format":"anthropic-claude-v1","index":0,"signature":null}]}""",
            """{"reasoning_details":[{"type":"reasoning.text","text":"think","format":"anthropic-claude-v1","index":0},{"type":"reasoning.summary","summary":"a","index":1}]}""",
            """{"reasoning_details":[{"type":"reasoning.summary","summary":"b","index":1}]}""",
            """{"reasoning_details":[{"type":"reasoning.encrypted","data":"QQ==","index":1}],"content":"x"}""");

        ShouldBe(message.GetProperty("reasoning_details"), """
            [{"type":"reasoning.text","text":"I think","format":"anthropic-claude-v1","index":0,"signature":null},
             {"type":"reasoning.summary","summary":"ab","index":1},{"type":"reasoning.encrypted","data":"QQ==","index":1}]
            """);
    }

    [Fact]
    public void PiecesOfTheChunkOnly_AreLeftOut() =>
        ShouldBe(Message("""{"role":"assistant","reasoning":"a","channel":"analysis"}""", """{"reasoning":"b","channel":"analysis"}""", """{"content":"c","channel":"final"}"""),
            """{"role":"assistant","reasoning":"ab","content":"c"}""");

    [Fact]
    public void Speech_IsKept_OnlyInOnePiece()
    {
        ShouldBe(Message("""{"audio":{"id":"a","transcript":"Hel"}}""", """{"audio":{"transcript":"lo"}}""", """{"audio":{"data":"QUJD"}}""", """{"audio":{"data":"","expires_at":7}}"""),
            """{"audio":{"id":"a","transcript":"Hello","data":"QUJD","expires_at":7}}""");
        Fails(Deltas("""{"audio":{"id":"a","data":"QQ=="}}""", """{"audio":{"data":"QQ=="}}"""));
    }

    [Theory]
    [InlineData("""{"word":"a"}""", """{"word":"b"}""")]
    [InlineData("""{"word":"a"}""", """{"word":"a"}""")]
    [InlineData("""{"list":[1]}""", """{"list":[1]}""")]
    [InlineData("""{"object":{"a":1}}""", """{"object":{"a":1}}""")]
    [InlineData("""{"word":"a"}""", """{"word":1}""")]
    [InlineData("""{"role":"assistant"}""", """{"role":"user"}""")]
    [InlineData("""{"content":"a"}""", """{"content":[{"type":"text","text":"b"}]}""")]
    [InlineData("""{"content":[{"type":"text","text":"a"}]}""", """{"content":[{"type":"text","text":"b"}]}""")]
    [InlineData("""{"content":[{"type":"text","text":"a"}]}""", """{"content":"b"}""")]
    [InlineData("""{"thinking_blocks":[{"thinking":"a"}]}""", """{"thinking_blocks":[{"thinking":"b"}]}""")]
    [InlineData("""{"executed_tools":[{"index":0,"arguments":"a"}]}""", """{"executed_tools":[{"index":0,"output":"b"}]}""")]
    [InlineData("""{"reasoning_details":[{"type":"reasoning.text","text":"a"}]}""", """{"reasoning_details":[{"type":"reasoning.text","text":"b"}]}""")]
    [InlineData("""{"reasoning_details":[{"type":"t","text":"a","index":0},{"type":"t","text":"b","index":1}]}""", """{"reasoning_details":[{"type":"t","text":"c","index":0}]}""")]
    [InlineData("""{"reasoning_details":[{"type":"reasoning.encrypted","data":"a","index":0}]}""", """{"reasoning_details":[{"type":"reasoning.encrypted","data":"b","index":0}]}""")]
    [InlineData("""{"function_call":{"name":"f","arguments":"{}"}}""", """{"function_call":{"name":"f","arguments":""}}""")]
    [InlineData("""{"function_call":{"name":"f","arguments":"{}"}}""", """{"function_call":"f"}""")]
    [InlineData("""{"content":"a"}""", """{"content":"b","c\u006fntent":"c"}""")]
    [InlineData("""{"content":"a"}""", "[]")]
    public void WhatMayBeOrNotBeAPiece_IsNotPutTogether(string first, string second) => Fails(Deltas(first, second));

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":[null]}""")]
    [InlineData("""{"choices":[],"choices":[]}""")]
    [InlineData("""{"id":"a","id":"a"}""")]
    [InlineData("""{"choices":[{"index":-1,"delta":{}}]}""")]
    [InlineData("""{"choices":[{"index":"0","delta":{}}]}""")]
    [InlineData("""{"choices":[{"index":0.5,"delta":{}}]}""")]
    [InlineData("""{"choices":[{"delta":{}},{"delta":{}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{},"logprobs":-0.5}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"\ud83d":1}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":{}}}]}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":[1]}}]}""")]
    [InlineData("""{"choices":[{"index":0,"finish_reason":"stop"}]}""")]
    public void OddChunks_AreNotPutTogether(string chunk) => Fails(chunk);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a}]}""")]
    public void WhatIsNoJson_Fails(string chunk) => Should.Throw<JsonException>(() => Merger(chunk));

    [Fact]
    public void WhatIsNoText_Fails() =>
        Should.Throw<InvalidOperationException>(() => new CompletionMerger().Add((byte[])[.. "{\"a\":\""u8, 0xE2, 0x82, .. "\"}"u8]));

    [Fact]
    public void ObjectsWithoutEnd_AreNotPutTogether()
    {
        Should.Throw<InvalidOperationException>(() => Merger($$$"""{"choices":[{"index":0,"delta":{ {{{string.Join(',', Enumerable.Range(0, 300).Select(number => $"\"f{number}\":1"))}}} }}]}"""));
        Should.Throw<InvalidOperationException>(() => Merger([.. Enumerable.Range(0, 129).Select(index => $$$"""{"choices":[{"index":{{{index}}},"delta":{}}]}""")]));
        Should.Throw<InvalidOperationException>(() => Merger([.. Enumerable.Range(0, 129).Select(index => $$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{index}}}}]}}]}""")]));
    }

    [Fact]
    public void CharacterInTwoHalves_IsOne()
    {
        Message("""{"content":"a\ud83d"}""", """{"content":"\uDE00b"}""", """{"content":"\\ud83d"}""", """{"content":"\\"}""", """{"content":"ud83d\u00e9"}""")
            .GetProperty("content").GetString().ShouldBe("a😀b\\ud83d\\ud83dé");

        // With another choice's piece in between.
        var merged = Merge("""{"choices":[{"index":0,"delta":{"content":"\ud83d"}}]}""", """{"choices":[{"index":1,"delta":{"content":"x"}}]}""", """{"choices":[{"index":0,"delta":{"content":"\ude00"}}]}""");
        merged.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("😀");
    }

    [Fact]
    public void HalfACharacter_IsReplaced_AsInWholeAnswers() =>
        ShouldBe(Message("""{"content":"a\ud83d"}""", """{"content":"b\uDE00","vendor":["\ud83d"]}"""), """{"content":"a\ufffdb\ufffd","vendor":["\ufffd"]}""");

    [Fact]
    public void Length_IsThatOfTheCompletion_OrALittleMore()
    {
        var merger = new CompletionMerger();
        Add("""{"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":"","x":null,"\ud83d\ude00\u2028":{"y":1}},"logprobs":{"content":[]}}]}""");
        for (var place = 0; place < 500; place++)
        {
            Add($$$"""{"id":"{{{place}}}","choices":[{"index":{{{place % 3}}},"delta":{"content":"word {{{place}}}\n\ud83d"},"logprobs":{"content":[{"token":"{{{place}}}"}]}}],"usage":{"total":{{{1000 - place}}}}}""");
            Add($$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{place % 20}}},"function":{"name":{{{(place < 20 ? "\"f\"" : "null")}}},"arguments":"{{{(place < 20 ? "[0" : place < 480 ? ",1" : "]")}}}"}}]}}]}""");
        }

        void Add(string chunk)
        {
            merger.Add(Encoding.UTF8.GetBytes(chunk));
        }

        var length = merger.ToJson().Length;
        merger.Length.ShouldBeInRange(length, length + 1000);
    }

    [Fact]
    public void Chunk_OfText_CostsNoMemoryButItsText()
    {
        var chunk = Encoding.UTF8.GetBytes("""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"logprobs":{"content":[{"token":" word","logprob":-0.1,"bytes":[1,2,3],"top_logprobs":[]}]},"finish_reason":null}],"usage":null}""");
        var merger = new CompletionMerger();
        merger.Add(chunk);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 1000; count++)
        {
            merger.Add(chunk);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 * merger.Length);
        merger.Length.ShouldBeLessThan(100_000);
    }

    private static CompletionMerger Merger(params string[] chunks)
    {
        var merger = new CompletionMerger();
        foreach (var chunk in chunks)
        {
            merger.Add(Encoding.UTF8.GetBytes(chunk));
        }

        return merger;
    }

    private static JsonElement Merge(params string[] chunks) => JsonElement.Parse(Merger(chunks).ToJson());

    private static void Fails(params string[] chunks) => Should.Throw<InvalidOperationException>(() => Merge(chunks));

    private static string[] Deltas(params string[] deltas) => [.. deltas.Select(delta => $$"""{"choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""")];

    private static JsonElement Message(params string[] deltas) => Merge(Deltas(deltas)).GetProperty("choices")[0].GetProperty("message");

    private static void ShouldBe(JsonElement actual, string expected) =>
        JsonElement.DeepEquals(actual, JsonElement.Parse(expected)).ShouldBeTrue($"{actual.GetRawText()}\nis not\n{expected}");
}
