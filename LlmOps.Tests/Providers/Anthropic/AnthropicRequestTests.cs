using System.Net;
using System.Text.Json;

namespace LlmOps.Tests.Providers.Anthropic;

/// <summary>What a request in OpenAI's form becomes in Anthropic's.</summary>
public sealed class AnthropicRequestTests : AnthropicTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KeyAndVersion_StandInTheirHeaders(bool streaming)
    {
        var sent = await SendAsync(streaming);

        var request = Fake.Requests.Single();
        request.Headers["x-api-key"].ToString().ShouldBe(GatewayApplication.ProviderKey);
        request.Headers["anthropic-version"].ToString().ShouldBe("2023-06-01");
        request.Headers["Authorization"].Count.ShouldBe(0);
        request.Query.ShouldBeEmpty();
        sent.TryGetProperty("stream", out _).ShouldBe(streaming);
    }

    [Theory]
    [InlineData("claude-sonnet", "", 64_000)]
    [InlineData("claude-unheard-of", "", 4096)]
    [InlineData("claude-sonnet", ",\"max_tokens\":1000000", 64_000)]
    [InlineData("claude-unheard-of", ",\"max_tokens\":1000000", 1_000_000)]
    [InlineData("claude-sonnet", ",\"max_completion_tokens\":12", 12)]
    public async Task OutputLimit_IsAlwaysSentAndAtMostTheModels(string model, string member, int limit) =>
        (await SendAsync(false, Hello + member, model)).GetProperty("max_tokens").GetInt32().ShouldBe(limit);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_AreMergedAndSystemIsHoisted(bool streaming)
    {
        var sent = await SendAsync(streaming, """
            "messages":[{"role":"system","content":"Be brief."},{"role":"system","content":""},{"role":"user","content":"One"},{"role":"user","content":"Two"},
            {"role":"developer","content":"Be kind."},{"role":"assistant","content":""},{"role":"assistant","content":"Hello"},{"role":"assistant","content":"there"},{"role":"user","content":"So?"}]
            """);

        sent.GetProperty("system").GetRawText().ShouldBe("""[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}]""");
        sent.GetProperty("messages").GetRawText().ShouldBe("""
            [{"role":"user","content":[{"type":"text","text":"One"},{"type":"text","text":"Two"}]},
            {"role":"assistant","content":[{"type":"text","text":"Hello"},{"type":"text","text":"there"}]},
            {"role":"user","content":[{"type":"text","text":"So?"}]}]
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":""}""")]
    [InlineData("""{"role":"assistant","content":" \n\n"}""")]
    [InlineData("""{"role":"assistant","content":"","reasoning_content":"Hm."}""")]
    [InlineData("""{"role":"assistant","content":"","extra_content":{"google":{"thought_signature":"x"}}}""")]
    [InlineData("""{"role":"assistant","content":null,"refusal":"No."}""")]
    public async Task AnswerThatSaysNothing_IsLeftOut(string message)
    {
        var sent = await SendAsync(false, $$""" "messages":[{"role":"user","content":"Hi"},{{message}},{"role":"user","content":"So?"}] """);

        sent.GetProperty("messages").EnumerateArray().ShouldAllBe(turn => turn.GetProperty("content").GetArrayLength() > 0);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"\\n\\n\"")]
    public async Task Results_AreFirstAndInOneMessage(string text)
    {
        static string Call(string id) => $$"""{"id":"{{id}}","type":"function","function":{"name":"get_weather","arguments":""} }""";
        var sent = await SendAsync(false, $$"""
            "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":{{text}},"tool_calls":[{{Call("a:1")}},{{Call("b")}}]},
            {"role":"tool","tool_call_id":"a:1","content":"sun"},{"role":"user","content":"Well?"},{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"ra"},{"type":"text","text":"in"}]}],
            "tools":[{{Weather}}]
            """);

        sent.GetProperty("messages")[1].GetProperty("content").GetRawText().ShouldBe(
            """[{"type":"tool_use","id":"a_1_2b2c40a6","name":"get_weather","input":{}},{"type":"tool_use","id":"b","name":"get_weather","input":{}}]""");
        sent.GetProperty("messages")[2].GetRawText().ShouldBe("""
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a_1_2b2c40a6","content":"sun"},{"type":"tool_result","tool_use_id":"b","content":"rain"},{"type":"text","text":"Well?"}]}
            """.Trim());
    }

    [Theory]
    [InlineData("\"tool_choice\":\"auto\"", null)]
    [InlineData("\"tool_choice\":\"none\"", """{"type":"none"}""")]
    [InlineData("\"tool_choice\":\"required\"", """{"type":"any"}""")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}", """{"type":"tool","name":"get_weather"}""")]
    [InlineData("\"parallel_tool_calls\":true", null)]
    [InlineData("\"parallel_tool_calls\":false", """{"type":"auto","disable_parallel_tool_use":true}""")]
    [InlineData("\"parallel_tool_calls\":false,\"tool_choice\":\"required\"", """{"type":"any","disable_parallel_tool_use":true}""")]
    [InlineData("\"parallel_tool_calls\":false,\"tool_choice\":\"none\"", """{"type":"none"}""")]
    public async Task ToolChoice_IsAType(string member, string? choice)
    {
        var sent = await SendAsync(false, $"{Hello},\"tools\":[{Weather}],{member}");

        (sent.TryGetProperty("tool_choice", out var value) ? value.GetRawText() : null).ShouldBe(choice);
        sent.GetProperty("tools").GetRawText().ShouldBe("""[{"name":"get_weather","description":"The weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]""");
    }

    [Fact]
    public async Task FunctionWithoutParameters_HasASchema() =>
        (await SendAsync(false, Hello + """ ,"tools":[{"type":"function","function":{"name":"now","strict":true}}] """)).GetProperty("tools")[0].GetProperty("input_schema").GetProperty("type").GetString().ShouldBe("object");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task JsonSchema_IsClosedAtEveryLevel(bool streaming)
    {
        var sent = await SendAsync(streaming, Hello + """
            ,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{
            "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}}}},"ref":{"$ref":"#/$defs/d"},"either":{"anyOf":[{"type":"object","properties":{}},{"type":"null"}]},
            "properties":{"type":"string"}},"$defs":{"d":{"type":"object","properties":{"b":{"type":"number"}},"additionalProperties":false}}}}}
            """);

        var config = sent.GetProperty("output_config");
        config.GetProperty("effort").GetString().ShouldBe("low");
        config.GetProperty("format").GetRawText().ShouldBe("""
            {"type":"json_schema","schema":{"type":"object","properties":{
            "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}},"ref":{"$ref":"#/$defs/d"},
            "either":{"anyOf":[{"type":"object","properties":{},"additionalProperties":false},{"type":"null"}]},"properties":{"type":"string"}},
            "$defs":{"d":{"type":"object","properties":{"b":{"type":"number"}},"additionalProperties":false}},"additionalProperties":false}}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(""" "reasoning_effort":"none" """, "thinking", """{"type":"disabled"}""")]
    [InlineData(""" "reasoning_effort":"xhigh" """, "output_config", """{"effort":"xhigh"}""")]
    [InlineData(""" "thinking":{"type":"enabled","budget_tokens":2048} """, "thinking", """{"type":"enabled","budget_tokens":2048}""")]
    [InlineData(""" "user":"u-1" """, "metadata", """{"user_id":"u-1"}""")]
    [InlineData(""" "safety_identifier":"s-1" """, "metadata", """{"user_id":"s-1"}""")]
    [InlineData(""" "top_k":5 """, "top_k", "5")]
    [InlineData(""" "stop":"x" """, "stop_sequences", """["x"]""")]
    [InlineData(""" "stop":["a","b","c","d","e","f"] """, "stop_sequences", """["a","b","c","d","e","f"]""")]
    [InlineData(""" "temperature":1 """, "temperature", "1")]
    public async Task Field_IsSent(string member, string field, string value) =>
        (await SendAsync(false, $"{Hello},{member}")).GetProperty(field).GetRawText().ShouldBe(value);

    [Theory]
    [InlineData(""" "temperature":1.5 """, "temperature")]
    [InlineData(""" "n":2 """, "n")]
    [InlineData(""" "seed":1 """, "seed")]
    [InlineData(""" "logprobs":true """, "logprobs")]
    [InlineData(""" "presence_penalty":0.5 """, "presence_penalty")]
    [InlineData(""" "frequency_penalty":0.5 """, "frequency_penalty")]
    [InlineData(""" "response_format":{"type":"json_object"} """, "response_format")]
    [InlineData(""" "reasoning_effort":"minimal" """, "reasoning_effort")]
    [InlineData(""" "modalities":["text","audio"],"audio":{"voice":"x","format":"wav"} """, "modalities")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]}] """, "messages[0].content[0]")]
    public async Task WhatAnthropicCannotSay_IsRefusedByName(string member, string field)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var error = await FailAsync(streaming, HttpStatusCode.BadRequest, member.Contains("messages", StringComparison.Ordinal) ? member : $"{Hello},{member}");

            error.GetProperty("param").GetString().ShouldBe(field);
        }

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/chat")]
    [InlineData("/chat/stream")]
    public async Task TemperatureAboveOne_IsRefusedByNameAtOurOwnEndpointsToo(string path)
    {
        using var response = await Gateway.PostAsync(path, """{"prompt":"Hi","model":"claude-sonnet","temperature":1.5}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("field").GetString().ShouldBe("temperature");
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}""", """{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lGODlh"}}""", """{"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"}}""")]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}""", """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:text/plain;base64,SGVsbG8="}}""", """{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Hello"}}""")]
    [InlineData("""{"type":"file","file":{"file_data":"data:text/plain;base64,SOk="}}""", """{"type":"document","source":{"type":"text","media_type":"text/plain","data":"H\uFFFD"}}""")]
    public async Task Part_IsSent(string part, string block)
    {
        var sent = (await SendAsync(false, $$""" "messages":[{"role":"user","content":[{{part}}]}] """)).GetProperty("messages")[0].GetProperty("content")[0];

        JsonElement.DeepEquals(sent, JsonElement.Parse(block)).ShouldBeTrue(sent.GetRawText());
    }

    [Fact]
    public async Task CacheControl_StaysWhereItWas()
    {
        const string Mark = """ "cache_control":{"type":"ephemeral","ttl":"1h"} """;
        var sent = await SendAsync(false, $$"""
            "messages":[{"role":"system","content":[{"type":"text","text":"Long.",{{Mark}} }]},
            {"role":"user","content":[{"type":"text","text":"Hi",{{Mark}} },{"type":"image_url","image_url":{"url":"https://example.org/a.png"},{{Mark}} }]},
            {"role":"assistant","content":[{"type":"text","text":"Let me see",{{Mark}} }],"tool_calls":[{"id":"c","type":"function","function":{"name":"get_weather","arguments":"{}"} }]},
            {"role":"tool","tool_call_id":"c","content":"rain",{{Mark}} }],"tools":[{"type":"function","function":{"name":"get_weather"},{{Mark}} }]
            """);

        JsonElement[] marked = [
            sent.GetProperty("system")[0], sent.GetProperty("tools")[0], sent.GetProperty("messages")[0].GetProperty("content")[0], sent.GetProperty("messages")[0].GetProperty("content")[1],
            sent.GetProperty("messages")[1].GetProperty("content")[0], sent.GetProperty("messages")[2].GetProperty("content")[0]];
        marked.ShouldAllBe(block => block.GetProperty("cache_control").GetRawText() == """{"type":"ephemeral","ttl":"1h"}""");
        sent.GetProperty("messages")[1].GetProperty("content")[1].TryGetProperty("cache_control", out _).ShouldBeFalse();
    }
}
