using System.Net;
using System.Text.Json;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>What Ollama is sent for what callers ask in OpenAI's form.</summary>
public sealed class OllamaRequestTests : OllamaTests
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static readonly Dictionary<string, string> Unsupported = new()
    {
        ["tool_choice"] = $$"""{{Hello}},"tools":[{{Weather}}],"tool_choice":"required" """,
        ["tool_choice.function"] = $$"""{{Hello}},"tools":[{{Weather}}],"tool_choice":{"type":"function","function":{"name":"get_weather"} } """,
        ["tools[0].function.strict"] = $$"""{{Hello}},"tools":[{{Weather.Replace("\"name\":", "\"strict\":true,\"name\":", StringComparison.Ordinal)}}] """,
        ["parallel_tool_calls"] = $$"""{{Hello}},"tools":[{{Weather}}],"parallel_tool_calls":false """,
        ["messages[0].content[0]"] = """ "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}] """,
        ["messages[0].content[1]"] = """ "messages":[{"role":"user","content":[{"type":"text","text":"?"},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}] """,
        ["n"] = Hello + ""","n":2 """,
        ["logit_bias"] = Hello + ""","logit_bias":{"50256":-100} """,
        ["reasoning_effort"] = Hello + ""","reasoning_effort":"minimal" """,
        ["service_tier"] = Hello + ""","service_tier":"flex" """,
        ["modalities"] = Hello + ""","modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"} """,
        ["web_search_options"] = Hello + ""","web_search_options":{} """,
        ["made_up"] = Hello + ""","made_up":1 """,
    };

    public static TheoryData<string> UnsupportedFields => [.. Unsupported.Keys];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streaming_IsAlwaysSaidAndThePromptNeverCut(bool streaming)
    {
        var sent = await SentAsync(streaming);

        sent.GetProperty("stream").GetBoolean().ShouldBe(streaming);
        sent.GetProperty("truncate").GetBoolean().ShouldBeFalse();
        sent.GetProperty("model").GetString().ShouldBe("llama3.2");
        Fake.Requests.Single().Path.ShouldBe("/api/chat");
        Fake.Requests.Single().Headers.Authorization.Count.ShouldBe(0);
        foreach (var absent in (string[])["tools", "format", "think", "keep_alive", "logprobs", "top_logprobs"])
        {
            sent.TryGetProperty(absent, out _).ShouldBeFalse(absent);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task History_HasArgumentsAsObjectsAndResultsWithTheirToolsName(bool streaming)
    {
        var sent = await SentAsync(streaming, $$"""
            "tools":[{{Weather}}],"messages":[{"role":"developer","content":"Be brief"},{"role":"user","content":"Paris? London?"},
            {"role":"assistant","content":"Looking","reasoning_content":"I need both","tool_calls":[
              {"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\",\"days\":[1,2.50]}"} },
              {"id":"call_b","type":"function","function":{"name":"get_time","arguments":""} }]},
            {"role":"tool","tool_call_id":"call_b","content":"noon"},{"role":"tool","tool_call_id":"call_a","content":[{"type":"text","text":"sun"},{"type":"text","text":"ny"}]}]
            """);

        var messages = sent.GetProperty("messages").EnumerateArray().ToList();
        messages.Select(message => message.GetProperty("role").GetString()).ShouldBe(["system", "user", "assistant", "tool", "tool"]);
        messages[2].GetProperty("content").GetString().ShouldBe("Looking");
        messages[2].GetProperty("thinking").GetString().ShouldBe("I need both");
        var calls = messages[2].GetProperty("tool_calls").EnumerateArray().ToList();
        calls.Select(call => call.GetProperty("id").GetString()).ShouldBe(["call_a", "call_b"]);
        calls[0].GetProperty("function").GetProperty("arguments").GetRawText().ShouldBe("""{"city":"Paris","days":[1,2.50]}""");
        calls[1].GetProperty("function").GetProperty("arguments").GetRawText().ShouldBe("{}");
        messages.Skip(3).Select(Result).ShouldBe([("get_time", "call_b", "noon"), ("get_weather", "call_a", "sunny")]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Image_IsBareBase64(bool streaming)
    {
        var sent = await SentAsync(streaming, $$"""
            "messages":[{"role":"user","content":[{"type":"text","text":"What "},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{Pixel}}"} },{"type":"text","text":"is this?"}]}]
            """);

        var message = sent.GetProperty("messages")[0];
        message.GetProperty("content").GetString().ShouldBe("What is this?");
        message.GetProperty("images").EnumerateArray().Single().GetString().ShouldBe(Pixel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tools_AreSentAsTheyAre(bool streaming) =>
        (await SentAsync(streaming, $$"""{{Hello}},"tools":[{{Weather}}],"tool_choice":"auto","parallel_tool_calls":true """)).GetProperty("tools").GetRawText().ShouldBe($"[{Weather}]");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ToolChoiceNone_OffersNoTools(bool streaming) =>
        (await SentAsync(streaming, $$"""{{Hello}},"tools":[{{Weather}}],"tool_choice":"none" """)).TryGetProperty("tools", out _).ShouldBeFalse();

    [Theory]
    [InlineData("""{"type":"json_object"}""", "\"json\"")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"a":{"type":"integer"}}}}}""", """{"type":"object","properties":{"a":{"type":"integer"}}}""")]
    [InlineData("""{"type":"text"}""", null)]
    public async Task ResponseFormat_IsTheFormat(string format, string? expected)
    {
        var sent = await SentAsync(streaming: false, $$"""{{Hello}},"response_format":{{format}} """);

        (sent.TryGetProperty("format", out var value) ? value.GetRawText() : null).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(UnsupportedFields))]
    public async Task FieldWithoutAPlace_IsRefusedByItsName(string field)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            using var response = await AskAsync(streaming, Unsupported[field]);

            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            var error = await ErrorAsync(response);
            error.GetProperty("code").GetString().ShouldBe("unsupported_parameter");
            error.GetProperty("param").GetString()!.ShouldStartWith(field == "tool_choice.function" ? "tool_choice" : field);
        }

        Fake.Requests.ShouldBeEmpty();
    }

    private static (string?, string?, string?) Result(JsonElement message) =>
        (message.GetProperty("tool_name").GetString(), message.GetProperty("tool_call_id").GetString(), message.GetProperty("content").GetString());
}
