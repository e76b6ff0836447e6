using System.Net;
using System.Text.Json;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>What a request in OpenAI's form becomes in Gemini's.</summary>
public sealed class GeminiRequestTests : GeminiTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Key_StandsInItsHeaderOnly(bool streaming)
    {
        await SendAsync(streaming);

        var request = Fake.Requests.Single();
        request.Headers["x-goog-api-key"].ToString().ShouldBe(GatewayApplication.ProviderKey);
        request.Path.ShouldBe($"/v1beta/models/gemini-2.5-flash:{(streaming ? "streamGenerateContent" : "generateContent")}");
        request.Query.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(streaming ? ["alt=sse"] : []);
        request.Headers.Where(header => header.Value.ToString().Contains(GatewayApplication.ProviderKey, StringComparison.Ordinal)).Select(header => header.Key.ToLowerInvariant()).ShouldBe(["x-goog-api-key"]);
        request.BodyText.ShouldNotContain(GatewayApplication.ProviderKey);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SystemMessages_AreOneInstructionWithoutARole(bool streaming)
    {
        var sent = await SendAsync(streaming, """
            "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"developer","content":"Be kind."},{"role":"assistant","content":"Hello"},{"role":"user","content":"So?"}]
            """);

        sent.GetProperty("systemInstruction").GetRawText().ShouldBe("""{"parts":[{"text":"Be brief."},{"text":"Be kind."}]}""");
        sent.GetProperty("contents").EnumerateArray().Select(content => content.GetProperty("role").GetString()).ShouldBe(["user", "model", "user"]);
    }

    [Theory]
    [InlineData(1_000_000, 65_536)]
    [InlineData(65_536, 65_536)]
    [InlineData(10, 10)]
    public async Task OutputLimit_IsAtMostTheModels(int asked, int sent) =>
        (await SendAsync(false, $"{Hello},\"max_completion_tokens\":{asked}")).GetProperty("generationConfig").GetProperty("maxOutputTokens").GetInt32().ShouldBe(sent);

    [Fact]
    public async Task NoOutputLimit_IsNone() =>
        (await SendAsync(false)).GetProperty("generationConfig").EnumerateObject().ShouldBeEmpty();

    [Theory]
    [InlineData(""" "stop":["a","b","c","d","e","f"] """, "stop")]
    [InlineData(""" "seed":4294967296 """, "seed")]
    [InlineData(""" "n":2 """, "n")]
    [InlineData(""" "logit_bias":{"1":2} """, "logit_bias")]
    [InlineData(""" "parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}] """, "parallel_tool_calls")]
    [InlineData(""" "reasoning_effort":"xhigh" """, "reasoning_effort")]
    [InlineData(""" "reasoning_effort":5 """, "reasoning_effort")]
    [InlineData(""" "modalities":[1] """, "modalities")]
    [InlineData(""" "thinking":{"type":"enabled"} """, "thinking")]
    [InlineData(""" "web_search_options":{"search_context_size":"low"} """, "web_search_options.search_context_size")]
    [InlineData(""" "extra_body":{"google":{"unheard_of":1}} """, "extra_body.google.unheard_of")]
    public async Task WhatGeminiCannotSay_IsRefusedByName(string member, string field)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var error = await FailAsync(streaming, HttpStatusCode.BadRequest, $"{Hello},{member}");

            error.GetProperty("param").GetString().ShouldBe(field);
            error.GetProperty("code").GetString().ShouldBe("unsupported_parameter");
        }

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("none", Flash, """{"thinkingBudget":0}""")]
    [InlineData("minimal", Flash, """{"thinkingBudget":1024}""")]
    [InlineData("low", Flash, """{"thinkingBudget":1024}""")]
    [InlineData("medium", Flash, """{"thinkingBudget":8192}""")]
    [InlineData("high", Flash, """{"thinkingBudget":24576}""")]
    [InlineData("minimal", Version3, """{"thinkingLevel":"minimal"}""")]
    [InlineData("low", Version3, """{"thinkingLevel":"low"}""")]
    [InlineData("high", Version3, """{"thinkingLevel":"high"}""")]
    public async Task Effort_IsABudgetOrALevel(string effort, string model, string config) =>
        (await SendAsync(false, $"{Hello},\"reasoning_effort\":\"{effort}\"", model)).GetProperty("generationConfig").GetProperty("thinkingConfig").GetRawText().ShouldBe(config);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GooglesOwnFields_AreSentInCamelCase(bool streaming)
    {
        var sent = await SendAsync(streaming, Hello + """
            ,"extra_body":{"google":{"thinking_config":{"include_thoughts":true,"thinking_budget":77},
            "safety_settings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],"cached_content":"cachedContents/x1"}}
            """);

        sent.GetProperty("generationConfig").GetProperty("thinkingConfig").GetRawText().ShouldBe("""{"includeThoughts":true,"thinkingBudget":77}""");
        sent.GetProperty("safetySettings").GetRawText().ShouldBe("""[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}]""");
        sent.GetProperty("cachedContent").GetString().ShouldBe("cachedContents/x1");
    }

    [Fact]
    public async Task Formats_AreSent()
    {
        var schema = await SendAsync(false, Hello + """ ,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"a_b":{"type":"string"}}}}} """);
        var plain = await SendAsync(false, Hello + """ ,"response_format":{"type":"json_object"} """);
        var text = await SendAsync(false, Hello + """ ,"response_format":{"type":"text"} """);

        schema.GetProperty("generationConfig").GetRawText().ShouldBe("""{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a_b":{"type":"string"}}}}""");
        plain.GetProperty("generationConfig").GetRawText().ShouldBe("""{"responseMimeType":"application/json"}""");
        text.GetProperty("generationConfig").GetRawText().ShouldBe("{}");
    }

    [Theory]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}""", """{"inlineData":{"mimeType":"audio/wav","data":"UklGRg=="}}""")]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}""", """{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.org/a.webp?x=1"}}""", """{"fileData":{"mimeType":"image/webp","fileUri":"https://example.org/a.webp?x=1"}}""")]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://example.org/picture"}}""", """{"fileData":{"fileUri":"https://example.org/picture"}}""")]
    public async Task Part_IsSent(string part, string sent) =>
        (await SendAsync(false, $$""" "messages":[{"role":"user","content":[{{part}}]}] """)).GetProperty("contents")[0].GetProperty("parts")[0].GetRawText().ShouldBe(sent);

    [Theory]
    [InlineData(""" "tools":[{"type":"google_search"}] """)]
    [InlineData(""" "tools":[{"google_search":{}}] """)]
    [InlineData(""" "web_search_options":{} """)]
    public async Task Search_IsATool(string member)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var sent = await SendAsync(streaming, $"{Hello},{member}");

            sent.GetProperty("tools").GetRawText().ShouldBe("""[{"googleSearch":{}}]""");
            sent.TryGetProperty("toolConfig", out _).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("\"none\"", """{"mode":"NONE"}""")]
    [InlineData("\"required\"", """{"mode":"ANY"}""")]
    [InlineData("""{"type":"function","function":{"name":"get_weather"}}""", """{"mode":"ANY","allowedFunctionNames":["get_weather"]}""")]
    [InlineData("\"auto\"", null)]
    public async Task ToolChoice_IsAMode(string choice, string? mode)
    {
        var sent = await SendAsync(false, $"{Hello},\"tools\":[{Weather}],\"tool_choice\":{choice}");

        (sent.TryGetProperty("toolConfig", out var config) ? config.GetProperty("functionCallingConfig").GetRawText() : null).ShouldBe(mode);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" ,"parameters":{"type":"object","properties":{}} """)]
    public async Task FunctionWithoutParameters_HasNoSchema(string parameters) =>
        (await SendAsync(false, $$"""{{Hello}},"tools":[{"type":"function","function":{"name":"now"{{parameters}}} }]""")).GetProperty("tools").GetRawText()
            .ShouldBe("""[{"functionDeclarations":[{"name":"now"}]}]""");

    [Theory]
    [InlineData("""{"role":"assistant","content":null,"refusal":"No."}""")]
    [InlineData("""{"role":"assistant","content":""}""")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[]}""")]
    public async Task MessageThatSaysNothing_IsLeftOut(string message)
    {
        var sent = await SendAsync(false, $$""" "messages":[{"role":"user","content":"Hi"},{{message}},{"role":"user","content":"So?"}] """);

        sent.GetProperty("contents").EnumerateArray().ShouldAllBe(content => content.GetProperty("parts").GetArrayLength() > 0);
        sent.GetRawText().ShouldNotContain("\"text\":\"\"");
    }

    [Fact]
    public async Task EmptyTextBesideACall_IsLeftOut()
    {
        var sent = await SendAsync(false, $$"""
            "messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"get_weather","arguments":""} }]},
            {"role":"tool","tool_call_id":"c1","content":"rain"}],"tools":[{{Weather}}]
            """);

        sent.GetProperty("contents")[1].GetProperty("parts").GetRawText().ShouldBe("""[{"functionCall":{"id":"c1","name":"get_weather","args":{}}}]""");
    }

    [Fact]
    public async Task Results_AreObjectsInOneContent()
    {
        static string Call(string id) => $$"""{"id":"{{id}}","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"{{id}}\"}"} }""";
        static string Result(string id, string content) => $$"""{"role":"tool","tool_call_id":"{{id}}","content":{{Quoted(content)}}}""";
        var sent = await SendAsync(false, $$"""
            "messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{{Call("a")}},{{Call("b")}},{{Call("c")}},{{Call("d")}}]},
            {{Result("a", """{"sky":"blue"}""")}},{{Result("b", "rain")}},{{Result("c", "[1]")}},{{Result("d", "{cut")}},{"role":"user","content":"So?"}],"tools":[{{Weather}}]
            """);

        var contents = sent.GetProperty("contents").EnumerateArray().ToList();
        contents.Count.ShouldBe(4);
        contents[2].GetProperty("role").GetString().ShouldBe("user");
        contents[2].GetProperty("parts").EnumerateArray().Select(part => JsonSerializer.Serialize(part.GetProperty("functionResponse"))).ShouldBe([
            """{"id":"a","name":"get_weather","response":{"sky":"blue"}}""",
            """{"id":"b","name":"get_weather","response":{"output":"rain"}}""",
            """{"id":"c","name":"get_weather","response":{"output":"[1]"}}""",
            """{"id":"d","name":"get_weather","response":{"output":"{cut"}}"""]);
    }
}
