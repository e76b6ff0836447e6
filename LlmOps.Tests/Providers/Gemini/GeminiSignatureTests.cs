using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>A thought and its signature come back to Gemini as they were, whichever way the caller's client keeps them; no other provider sees them.</summary>
public sealed class GeminiSignatureTests : GeminiTests
{
    private const string Signature = "c2lnbmF0+dXJl/w==";
    private const string Filler = "skip_thought_signature_validator";
    private const string ToolsAfter = ",\"tools\":[" + Weather + "]";

    private static readonly string Called = $$"""
        {"candidates":[{"content":{"parts":[{"functionCall":{"name":"get_weather","args":{"city":"Paris"} },"thoughtSignature":"{{Signature}}"},
        {"functionCall":{"name":"get_weather","args":{"city":"Rome"} } }],"role":"model"},"finishReason":"STOP"}]}
        """.ReplaceLineEndings("");

    [Theory]
    [InlineData(true, Flash)]
    [InlineData(false, Flash)]
    [InlineData(true, Version3)]
    [InlineData(false, Version3)]
    public async Task SignatureOfACall_ComesBackThroughItsId(bool streaming, string model)
    {
        var seen = await AskAsync(streaming, Reply(streaming, Called), Hello + ToolsAfter, model);

        var parts = (await SendAsync(streaming, History(seen.Calls), model)).GetProperty("contents")[1].GetProperty("parts");

        parts[0].GetProperty("thoughtSignature").GetString().ShouldBe(Signature);
        parts[1].TryGetProperty("thoughtSignature", out _).ShouldBeFalse();
        Ids(parts, "functionCall").ShouldBe(Ids(Sent.GetProperty("contents")[2].GetProperty("parts"), "functionResponse"));
        Sent.GetRawText().ShouldNotContain("~sig~");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task IdThatGeminiGave_ComesBackUnchanged(bool streaming)
    {
        var seen = await AskAsync(streaming, Reply(streaming, Called.Replace("\"functionCall\":{\"name\"", "\"functionCall\":{\"id\":\"g-1\",\"name\"", StringComparison.Ordinal)
            .Replace("{\"functionCall\":{\"id\":\"g-1\",\"name\":\"get_weather\",\"args\":{\"city\":\"Rome\"", "{\"functionCall\":{\"id\":\"g-2\",\"name\":\"get_weather\",\"args\":{\"city\":\"Rome\"", StringComparison.Ordinal)), Hello + ToolsAfter);

        var sent = await SendAsync(streaming, History(seen.Calls));

        Ids(sent.GetProperty("contents")[1].GetProperty("parts"), "functionCall").ShouldBe(["g-1", "g-2"]);
    }

    [Theory]
    [InlineData(Flash)]
    [InlineData(Version3)]
    public async Task SignatureInGooglesOwnField_IsSent(string model)
    {
        var sent = await SendAsync(false, $$"""
            "messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":"{}"},
            "extra_content":{"google":{"thought_signature":"{{Signature}}"} } }]},{"role":"tool","tool_call_id":"c1","content":"rain"}]{{ToolsAfter}}
            """, model);

        sent.GetProperty("contents")[1].GetProperty("parts")[0].GetProperty("thoughtSignature").GetString().ShouldBe(Signature);
    }

    [Theory]
    [InlineData(Version3, Filler)]
    [InlineData(Flash, null)]
    public async Task CallWithoutASignature_HasTheFillerWhereOneIsNeeded(string model, string? signature)
    {
        var parts = (await SendAsync(false, History([new("c1", "get_weather", "{}"), new("c2", "get_weather", "{}")]), model)).GetProperty("contents")[1].GetProperty("parts");

        (parts[0].TryGetProperty("thoughtSignature", out var first) ? first.GetString() : null).ShouldBe(signature);
        parts[1].TryGetProperty("thoughtSignature", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignatureOfAText_IsToldAndSentBack(bool streaming)
    {
        var answer = FakeAnswer.Of(new FakeChoice { Content = ["Forty", " two"], ReasoningSignature = Signature });
        var reply = streaming ? FakeGemini.StreamReply(answer) : FakeGemini.Reply(answer);
        var plain = await AskAsync(streaming, reply);
        var seen = await AskAsync(streaming, reply, Hello + """ ,"extra_body":{"google":{"thinking_config":{"include_thoughts":true}}} """);

        plain.Message.Keys.ShouldNotContain("extra_content");
        var extra = seen.Message["extra_content"].GetRawText();
        extra.ShouldBe($$$"""{"google":{"thought_signature":"{{{Signature}}}"}}""");
        var sent = await SendAsync(streaming, $$""" "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Forty two","extra_content":{{extra}}},{"role":"user","content":"Sure?"}] """);
        var parts = sent.GetProperty("contents")[1].GetProperty("parts").EnumerateArray().ToList();
        string.Concat(parts.Select(part => part.GetProperty("text").GetString())).ShouldBe("Forty two");
        parts[^1].GetProperty("thoughtSignature").GetString().ShouldBe(Signature);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thoughts_AreReasoningAndGoBackAsThoughts(bool streaming)
    {
        var answer = FakeAnswer.Of(new FakeChoice { Reasoning = ["Let me ", "think."], Content = ["42"] });
        var seen = await AskAsync(streaming, streaming ? FakeGemini.StreamReply(answer) : FakeGemini.Reply(answer));

        seen.Text.ShouldBe("42");
        seen.Message["reasoning_content"].GetString().ShouldBe("Let me think.");
        var sent = await SendAsync(streaming, """ "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"42","reasoning_content":"Let me think."},{"role":"user","content":"Sure?"}] """);
        sent.GetProperty("contents")[1].GetProperty("parts").GetRawText().ShouldBe("""[{"text":"Let me think.","thought":true},{"text":"42"}]""");
    }

    [Theory]
    [InlineData("openai", true)]
    [InlineData("openai", false)]
    [InlineData("groq", false)]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    public async Task ConversationThatGoesOnElsewhere_HasIdsThatAreUnderstoodThere(string name, bool streaming)
    {
        // As long as the real ones may be.
        var seen = await AskAsync(streaming, Reply(streaming, Called.Replace(Signature, new string('+', 3000), StringComparison.Ordinal)), Hello + ToolsAfter);
        AnswerAll(_ => FakeAnswer.Text("Fine"));

        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming, History(seen.Calls)), streaming);

        (await CompletionSeen.ReadAsync(response, streaming)).Text.ShouldBe("Fine");
        var ids = name == "anthropic"
            ? Sent.GetProperty("messages").EnumerateArray().SelectMany(message => message.GetProperty("content").EnumerateArray()).SelectMany(block => Texts(block, "id", "tool_use_id")).ToList()
            : [.. Sent.GetProperty("messages").EnumerateArray().SelectMany(message => Texts(message, "tool_call_id").Concat(message.TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().SelectMany(call => Texts(call, "id")) : []))];
        ids.Count.ShouldBe(4);
        ids.ShouldAllBe(id => Regex.IsMatch(id, "^[a-zA-Z0-9_-]{1,40}$"));
        ids[..2].ShouldBe(ids[2..]);
    }

    private static string History(IReadOnlyList<CallSeen> calls) => $$"""
        "messages":[{"role":"user","content":"Hi"},
        {"role":"assistant","content":null,"tool_calls":[{{string.Join(',', calls.Select(call => $$"""{"id":{{Quoted(call.Id)}},"type":"function","function":{"name":"{{call.Name}}","arguments":{{Quoted(call.Arguments)}} } }"""))}}]},
        {{string.Join(',', calls.Select(call => $$"""{"role":"tool","tool_call_id":{{Quoted(call.Id)}},"content":"rain"}"""))}}]{{ToolsAfter}}
        """;

    private static IEnumerable<string> Ids(JsonElement parts, string kind) => [.. parts.EnumerateArray().Select(part => part.GetProperty(kind).GetProperty("id").GetString()!)];

    private static IEnumerable<string> Texts(JsonElement json, params string[] names) =>
        names.Where(name => json.TryGetProperty(name, out _)).Select(name => json.GetProperty(name).GetString()!);
}
