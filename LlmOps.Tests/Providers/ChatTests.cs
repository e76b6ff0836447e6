using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>What OpenAI's API promises holds at every provider, streaming or not.</summary>
public sealed class ChatTests : ProviderTests
{
    private const string Weather = """{"type":"function","function":{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}""";
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task Text_IsAnswered(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Text("Hello", " wörld", " 🎉") with { Usage = new FakeUsage(19, 10) });

        answer.Text.ShouldBe("Hello wörld 🎉");
        answer.FinishReason.ShouldBe("stop");
        answer.Usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(19);
        answer.Usage.GetProperty("completion_tokens").GetInt32().ShouldBe(10);
        answer.Usage.GetProperty("total_tokens").GetInt32().ShouldBe(29);
        answer.Model.ShouldBe(TestedProvider.Named(name).Model);
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task SystemAndSeveralTurns_AreUnderstood(string name, bool streaming)
    {
        await AskAsync(name, streaming, FakeAnswer.Text("Yes"), """
            "messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"Be kind."}]},
            {"role":"user","content":"My name is Ann"},{"role":"assistant","content":"Hello Ann"},{"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"my name?"}]}]
            """);

        var sent = await SentAsync();
        foreach (var words in (string[])["Be brief.", "Be kind.", "My name is Ann", "Hello Ann", "What is ", "my name?"])
        {
            sent.ShouldContain(words);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task Images_AreSent(string name, bool streaming)
    {
        await AskAsync(name, streaming, FakeAnswer.Text("A pixel"),
            $$""" "messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{Pixel}}"} }]}] """);

        (await SentAsync()).ShouldContain(Pixel);
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task OneToolCall_ComesBack(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Calls(new FakeToolCall("call_1", "get_weather", "{\"city\":", "\"Paris\"}")), $$""" "messages":[{{User("Paris?")}}],"tools":[{{Weather}}] """);

        answer.FinishReason.ShouldBe("tool_calls");
        answer.Calls.Single().Name.ShouldBe("get_weather");
        JsonElement.Parse(answer.Calls.Single().Arguments).GetProperty("city").GetString().ShouldBe("Paris");
        answer.Calls.Single().Id.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task ParallelToolCallsAndTheirResults_RoundTrip(string name, bool streaming)
    {
        var provider = TestedProvider.Named(name);
        AnswerAll(request => FakeQuestion.Of(request).HasToolResult
            ? FakeAnswer.Text("Sunny and rainy")
            : FakeAnswer.Calls(
                new FakeToolCall("call_1", "get_weather", "{\"city\":\"Paris\"}") { Signature = "c2lnbmF0dXJlLW9uZQ==" },
                new FakeToolCall("call_2", "get_weather", "{\"city\":\"London\"}")));
        var first = await CompleteAsync(provider, streaming, $$""" "messages":[{{User("Paris and London?")}}],"tools":[{{Weather}}] """);

        first.Calls.Count.ShouldBe(2);
        first.Calls.Select(call => call.Id).ShouldBeUnique();
        var calls = string.Join(',', first.Calls.Select(call => $$"""{"id":{{Text(call.Id)}},"type":"function","function":{"name":"{{call.Name}}","arguments":{{Text(call.Arguments)}} } }"""));
        var second = await CompleteAsync(provider, streaming, $$"""
            "messages":[{{User("Paris and London?")}},{"role":"assistant","content":null,"tool_calls":[{{calls}}]},
            {"role":"tool","tool_call_id":{{Text(first.Calls[0].Id)}},"content":"{\"weather\":\"sunny\"}"},
            {"role":"tool","tool_call_id":{{Text(first.Calls[1].Id)}},"content":"rainy"},{{User("Well?")}}],"tools":[{{Weather}}]
            """);

        second.Text.ShouldBe("Sunny and rainy");
        second.FinishReason.ShouldBe("stop");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task JsonSchema_IsSent(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Text("{\"mood\":", "\"good\"}"), """
            "messages":[{"role":"user","content":"How?"}],
            "response_format":{"type":"json_schema","json_schema":{"name":"mood","strict":true,"schema":{"type":"object","properties":{"mood":{"type":"string","enum":["good","bad"]}},"required":["mood"],"additionalProperties":false}}}
            """);

        JsonElement.Parse(answer.Text).GetProperty("mood").GetString().ShouldBe("good");
        var question = FakeQuestion.Of(Fake.Requests.Single());
        question.WantsJson.ShouldBeTrue();
        Fake.Requests.Single().BodyText.ShouldContain("\"enum\"");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task StopSequences_AreSent(string name, bool streaming)
    {
        await AskAsync(name, streaming, FakeAnswer.Text("One"), """ "messages":[{"role":"user","content":"Count"}],"stop":["two-stop","three-stop"] """);

        var sent = await SentAsync();
        sent.ShouldContain("two-stop");
        sent.ShouldContain("three-stop");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task Seed_IsSentOrRefused(string name, bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Text("One"));
        using var response = await Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming, """ "messages":[{"role":"user","content":"x"}],"seed":424242 """), streaming);

        if (name == "anthropic")
        {
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("param").GetString().ShouldBe("seed");
            Fake.Requests.ShouldBeEmpty();
            return;
        }

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SentAsync()).ShouldContain("424242");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task LengthAndParameters_AreSentAndTold(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Of(new FakeChoice { Content = ["Once upon"], FinishReason = "length" }),
            """ "messages":[{"role":"user","content":"A tale"}],"max_tokens":77,"temperature":0.3,"top_p":0.9 """);

        answer.FinishReason.ShouldBe("length");
        var sent = await SentAsync();
        sent.ShouldContain("77");
        sent.ShouldContain("0.3");
        sent.ShouldContain("0.9");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task FilteredAnswer_SaysSo(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Of(new FakeChoice { Content = ["I"], FinishReason = "content_filter" }));

        // Ollama filters nothing.
        answer.FinishReason.ShouldBe(name == "ollama" ? "stop" : "content_filter");
        answer.Text.ShouldBe("I");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task CachedAndReasoningTokens_AreTold(string name, bool streaming)
    {
        var answer = await AskAsync(name, streaming, FakeAnswer.Text("x") with { Usage = new FakeUsage(100, 50, CachedTokens: 64, ReasoningTokens: 32) });

        answer.Usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(100);
        answer.Usage.GetProperty("completion_tokens").GetInt32().ShouldBe(50);
        if (name != "ollama")
        {
            answer.Usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().ShouldBe(64);
        }

        if (name is not ("ollama" or "anthropic"))
        {
            answer.Usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32().ShouldBe(32);
        }
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task ChatEndpoint_Works(string name, bool streaming)
    {
        var provider = TestedProvider.Named(name);
        AnswerAll(_ => FakeAnswer.Text("Hello", " there"));

        using var response = await Gateway.PostAsync(streaming ? "/chat/stream" : "/chat", $$"""{"prompt":"Hi","system":"Be brief","model":"{{provider.Model}}"}""", streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain("Hello there");
        response.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe(name);
    }

    private static string User(string text) => $$"""{"role":"user","content":"{{text}}"}""";

    private static string Text(string value) => JsonSerializer.Serialize(value);

    private async Task<string> SentAsync() => (await Fake.NextRequestAsync()).BodyText;

    private async Task<CompletionSeen> AskAsync(string name, bool streaming, FakeAnswer answer, string members = """ "messages":[{"role":"user","content":"Hi"}] """)
    {
        AnswerAll(_ => answer);
        return await CompleteAsync(TestedProvider.Named(name), streaming, members);
    }

    private async Task<CompletionSeen> CompleteAsync(TestedProvider provider, bool streaming, string members)
    {
        using var response = await Gateway.CompleteAsync(Body(provider, streaming, members), streaming);
        var seen = await CompletionSeen.ReadAsync(response, streaming);
        response.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe(provider.Name);
        return seen;
    }
}
