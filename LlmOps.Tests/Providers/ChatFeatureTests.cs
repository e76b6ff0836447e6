using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Providers;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>What a request can ask for is translated as documented, or refused with the field's path, and never dropped.</summary>
public sealed class ChatFeatureTests : ProviderTests
{
    private const string Function = """ "type":"function","function":{"name":"f","arguments":"{}"} """;
    private const string Question = """{"role":"user","content":"Hi"}""";

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var name in Asked)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    public static TheoryData<string> Features => [.. Asked];

    public static TheoryData<string> Providers => [.. Translated];

    private static IEnumerable<string> Asked => ChatFeatures.All.Where(feature => feature.Find is not null).Select(feature => feature.Name);

    private static string[] Translated => ["gemini", "anthropic", "ollama", "offline"];

    [Fact]
    public void Examples_AreThoseOfTheFeatures() => ChatFeatureExamples.All.Keys.ShouldBe(Asked, ignoreOrder: true);

    [Fact]
    public void FeatureNames_AreUnique() => ChatFeatures.All.Select(feature => feature.Name).ShouldBeUnique();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Feature_IsTranslatedOrRefused(string name, bool streaming)
    {
        var feature = ChatFeatures.All.Single(feature => feature.Name == name);
        var example = ChatFeatureExamples.All[name];
        foreach (var provider in Translated)
        {
            var before = Fake.Requests.Count;
            using var response = await AskAsync(provider, streaming, example.Body);
            if (feature.At(provider) is null)
            {
                await ShouldBeRefusedAsync(response, provider == "gemini" ? example.Path : example.PathElsewhere ?? example.Path);
                Fake.Requests.Count.ShouldBe(before, provider);
                continue;
            }

            (await CompletionSeen.ReadAsync(response, streaming)).FinishReason.ShouldNotBeNull(provider);
            if (provider == "offline")
            {
                Fake.Requests.Count.ShouldBe(before);
                continue;
            }

            Fake.Requests.Count.ShouldBe(before + 1, provider);
            ShouldCarry(Fake.Requests[^1].BodyText, example.At(provider), feature, provider);
        }
    }

    [Theory]
    [MemberData(nameof(Features))]
    public async Task FeatureForOpenAI_IsForwardedAsItCame(string name)
    {
        // What the caller sends is the caller's, also where OpenAI itself has no such field.
        BreaksContract = true;
        Fake.Handler = _ => FakeOpenAI.Reply(FakeAnswer.Text("Hi"));
        var body = $$"""{ "model" : "openai/gpt-x" ,"stream":false,{{ChatFeatureExamples.All[name].Body}} }""";

        using var response = await Gateway.CompleteAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().BodyText.ShouldBe(body.Replace("openai/gpt-x", "gpt-x", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"repetition_penalty":1.1 """, "repetition_penalty")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi","prefix":true}] """, "messages[0].prefix")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"text","text":"Hi","weight":2}]}] """, "messages[0].content[0].weight")]
    [InlineData(""" "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0=","crop":1}}]}] """, "messages[0].content[0].image_url.crop")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","defer_loading":true,"function":{"name":"f"}}] """, "tools[0].defer_loading")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f","examples":[1]}}] """, "tools[0].function.examples")]
    [InlineData($$""" "messages":[{{Question}},{"role":"assistant","tool_calls":[{"id":"c","note":"x",{{Function}}}]},{"role":"tool","tool_call_id":"c","content":"1"}] """, "messages[1].tool_calls[0].note")]
    [InlineData($$$""" "messages":[{{{Question}}},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}","note":"x"}}]},{"role":"tool","tool_call_id":"c","content":"1"}] """, "messages[1].tool_calls[0].function.note")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"text","grammar":"x"} """, "response_format.grammar")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{},"additionalProperties":false},"mode":"x"}} """, "response_format.json_schema.mode")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"extra_body":{"x":1} """, "extra_body.x")]
    [InlineData(""" "messages":[{"role":"user","content":"Hi"}],"extra_body":{"google":{"x":1}} """, "extra_body.google.x")]
    public async Task UnknownField_IsRefusedAtEveryLevel(string members, string path)
    {
        foreach (var provider in Translated)
        {
            using var response = await AskAsync(provider, streaming: false, members);
            await ShouldBeRefusedAsync(response, path);
        }

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task UnknownFieldOfStreamOptions_IsRefused(string provider)
    {
        using var response = await Gateway.CompleteAsync(
            $$$"""{"model":"{{{Model(provider)}}}","stream":true,"stream_options":{"include_usage":true,"include_cost":true},"messages":[{{{Question}}}]}""", stream: true);

        await ShouldBeRefusedAsync(response, "stream_options.include_cost");
    }

    [Theory]
    [InlineData("reasoning_effort", "\"huge\"")]
    [InlineData("reasoning_effort", "3")]
    [InlineData("modalities", "\"image\"")]
    [InlineData("modalities", "[\"video\"]")]
    [InlineData("top_k", "0.5")]
    [InlineData("thinking", "\"on\"")]
    [InlineData("keep_alive", "[\"1m\"]")]
    [InlineData("options", "[1]")]
    [InlineData("metadata", "\"x\"")]
    [InlineData("service_tier", "7")]
    [InlineData("verbosity", "7")]
    [InlineData("extra_body", "\"x\"")]
    [InlineData("extra_body.google", "")]
    [InlineData("web_search_options", "\"x\"")]
    public async Task KnownFieldInAnUnknownForm_IsRefused(string path, string value)
    {
        var member = path == "extra_body.google" ? """ "extra_body":{"google":"x"} """ : $"\"{path}\":{value}";
        foreach (var provider in Translated)
        {
            using var response = await AskAsync(provider, streaming: false, $"\"messages\":[{Question}],{member}");
            await ShouldBeRefusedAsync(response, path);
        }
    }

    [Theory]
    [InlineData(""" {"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}}]},{"role":"user","content":"Hi"} """, "messages[0].content[0]")]
    [InlineData($$$""" {{{Question}}},{"role":"assistant","tool_calls":[{"id":"c",{{{Function}}}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"1"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}}]} """, "messages[2].content[1]")]
    [InlineData("""{"role":"user","content":[{"type":"file","file":{"file_id":"file-1","file_data":"data:application/pdf;base64,JVBERi0="}}]}""", "messages[0].content[0]")]
    [InlineData($$$""" {{{Question}}},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"[1]"}},{"role":"function","name":"f","content":"1"} """, "messages[1].function_call.arguments")]
    public async Task ContentThatWouldBeLost_IsRefused(string messages, string path)
    {
        foreach (var provider in Translated.Where(name => name != "offline"))
        {
            using var response = await AskAsync(provider, streaming: false, $"\"messages\":[{messages}]");
            await ShouldBeRefusedAsync(response, path);
        }

        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"google_search":{"exclude_domains":["example.com"]}}""", "tools[0].google_search.exclude_domains")]
    [InlineData("""{"type":"function","google_search":{},"function":{"name":"f"}}""", "tools[0].function")]
    public async Task GoogleSearchWithMoreThanItsName_IsRefused(string tool, string path)
    {
        using var response = await AskAsync("gemini", streaming: false, $"\"messages\":[{Question}],\"tools\":[{tool}]");

        await ShouldBeRefusedAsync(response, path);
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task ThinkingConfigThatIsNoObject_IsRefused()
    {
        using var response = await AskAsync("gemini", streaming: false, $$$""" "messages":[{{{Question}}}],"extra_body":{"google":{"thinking_config":"x"}} """);

        await ShouldBeRefusedAsync(response, "extra_body.google.thinking_config");
    }

    [Fact]
    public async Task ImageOfAnAnswerByAddress_IsRefusedWhereOnlyDataAreTaken()
    {
        using var response = await AskAsync("ollama", streaming: false, $$$"""
            "messages":[{{{Question}}},{"role":"assistant","content":"Look","images":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]},{{{Question}}}]
            """);

        await ShouldBeRefusedAsync(response, "messages[1].images[0]");
    }

    [Fact]
    public async Task CacheMarksOfMessagesResultsAndTools_ArePassedOn()
    {
        using var response = await AskAsync("anthropic", streaming: false, $$$"""
            "messages":[{"role":"system","content":"Rules","cache_control":{"type":"ephemeral"}},{{{Question}}},{"role":"assistant","tool_calls":[{"id":"c",{{{Function}}}}]},{"role":"tool","tool_call_id":"c","content":"1","cache_control":{"type":"ephemeral"}}],
            "tools":[{"type":"function","function":{"name":"f"},"cache_control":{"type":"ephemeral","ttl":"1h"}}]
            """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var sent = Fake.Requests.Single().BodyText;
        sent.ShouldContain(""" "text":"Rules","cache_control":{"type":"ephemeral"}} """.Trim(), Case.Sensitive);
        sent.ShouldContain(""" "content":"1","cache_control":{"type":"ephemeral"}} """.Trim(), Case.Sensitive);
        sent.ShouldContain(""" "cache_control":{"type":"ephemeral","ttl":"1h"}} """.Trim(), Case.Sensitive);
    }

    [Fact]
    public async Task JsonSchemaWithoutASchema_IsJsonWithoutASchema()
    {
        const string Members = $$$""" "messages":[{{{Question}}}],"response_format":{"type":"json_schema","json_schema":{"name":"n"}} """;
        using var refused = await AskAsync("anthropic", streaming: false, Members);
        await ShouldBeRefusedAsync(refused, "response_format");

        using var response = await AskAsync("ollama", streaming: false, Members);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().BodyText.ShouldContain("\"format\":\"json\"");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task NeutralValues_AskForNothing(string provider)
    {
        using var response = await AskAsync(provider, streaming: false, """
            "messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":null,"x":null},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"auto"}}],"name":null,"y":false}],
            "n":1,"logprobs":false,"top_logprobs":null,"logit_bias":{},"functions":[],"function_call":null,"tools":[],"stop":[],"store":false,"service_tier":"default",
            "modalities":["text"],"audio":null,"prediction":null,"presence_penalty":0,"frequency_penalty":0,"parallel_tool_calls":true,"reasoning_effort":null,
            "metadata":{},"options":{},"extra_body":{"google":{"thinking_config":null},"x":null},"web_search_options":null,"think":null,"keep_alive":null,"min_p":null,"echo":false,"bad_words":[],"guided":{}
            """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task AssistantMessagesOfOfficialClients_ComeBackUnharmed(string provider)
    {
        using var response = await AskAsync(provider, streaming: false, $$$"""
            "messages":[{{{Question}}},
            {"role":"assistant","content":"Hello-there","refusal":null,"annotations":[],"audio":null,"function_call":null,"tool_calls":null,"parsed":null},{{{Question}}},
            {"role":"assistant","content":null,"refusal":null,"annotations":[],"audio":null,"function_call":null,"parsed":null,
             "tool_calls":[{"id":"call_1","type":"function","index":0,"function":{"name":"f","arguments":"{\"a\":1}","parsed_arguments":{"a":1} } }]},
            {"role":"tool","tool_call_id":"call_1","content":"seven-teen"}]
            """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        if (provider != "offline")
        {
            var sent = Fake.Requests.Single().BodyText;
            foreach (var words in (string[])["Hello-there", "seven-teen", "{\"a\":1}"])
            {
                sent.ShouldContain(words);
            }
        }
    }

    private static string Model(string provider) => provider == "offline" ? "offline" : TestedProvider.Named(provider).Model;

    private async Task<HttpResponseMessage> AskAsync(string provider, bool streaming, string members)
    {
        AnswerAll(_ => FakeAnswer.Text("Hello", " there"));
        return await Gateway.CompleteAsync($$"""{"model":"{{Model(provider)}}","stream":{{(streaming ? "true" : "false")}},{{members}}}""", streaming);
    }

    // What has no effect is not sent; nor are tools that must not be called, where there is no other way to say so.
    private static void ShouldCarry(string sent, string? expected, ChatFeature feature, string provider)
    {
        if (expected is not null)
        {
            sent.ShouldContain(expected.Trim(), Case.Sensitive, provider);
            return;
        }

        (feature.At(provider) is ChatFeature.NoEffect or "no `tools`").ShouldBeTrue($"{feature.Name} has no expectation for {provider}");
        sent.ShouldNotContain($"\"{feature.Field.Split(',', ' ', ':')[0]}\":", Case.Sensitive, provider);
        sent.ShouldNotContain("\"tools\"", Case.Sensitive, provider);
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage response, string path)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        var error = JsonElement.Parse(text).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("unsupported_parameter", text);
        error.GetProperty("param").GetString().ShouldBe(path, text);
    }
}
