using System.Net;
using LlmOps.Tests.Access;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Prompts;

/// <summary>Prompts that give the model tools of the caller's, which it wants called.</summary>
public sealed class PromptToolsTests : PromptGatewayTests
{
    private const string Tracker = """
        name: tracker
        version: v1
        parameters:
          max_tokens: 100
          tool_choice: required
          parallel_tool_calls: true
          tools:
            - type: function
              function: { name: track, description: Finds a parcel., parameters: { type: object, properties: { parcel: { type: integer } }, required: [parcel] } }
        user: "{{text}}"
        """;

    private const string Calls = """[{"id":"call_1","type":"function","function":{"name":"track","arguments":"{\"parcel\": 7}"}},{"id":"call_2","type":"function","function":{"name":"track","arguments":"{\"parcel\": 8}"}}]""";

    public PromptToolsTests()
    {
        Write("tracker/v1.yaml", Tracker);
        Fake.Handler = FakeOpenAI.Handler(
            FakeAnswer.Calls(new FakeToolCall("call_1", "track", "{\"parcel\"", ": 7}"), new FakeToolCall("call_2", "track", "{\"parcel\": 8}")), GatewayApplication.ProviderKey);
    }

    [Fact]
    public async Task Run_SendsTheTools_AndTellsTheCalls()
    {
        using var response = await RunAsync("tracker");

        var reply = await response.JsonAsync();
        reply.GetProperty("tool_calls").GetRawText().ShouldBe(Calls);
        (reply.GetProperty("response").GetString(), reply.GetProperty("finish_reason").GetString()).ShouldBe(("", "tool_calls"));
        var sent = Fake.Requests.Single().Json;
        sent.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString().ShouldBe("track");
        sent.GetProperty("tools")[0].GetProperty("function").GetProperty("parameters").GetProperty("required")[0].GetString().ShouldBe("parcel");
        (sent.GetProperty("tool_choice").GetString(), sent.GetProperty("parallel_tool_calls").GetBoolean()).ShouldBe(("required", true));
    }

    [Fact]
    public async Task Stream_HasTheTextAlone()
    {
        Fake.Handler = FakeOpenAI.Handler(
            FakeAnswer.Of(new FakeChoice { Content = ["I ", "look."], ToolCalls = [new FakeToolCall("call_1", "track", "{}")] }), GatewayApplication.ProviderKey);

        using var response = await RunAsync("tracker", ",\"stream\":true");

        (await response.Content.ReadAsStringAsync()).ShouldBe("I look.");
        Fake.Requests.Single().Json.GetProperty("tools").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task AnswerWithoutCalls_HasNoSuchField()
    {
        Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("None."), GatewayApplication.ProviderKey);

        using var response = await RunAsync("tracker");

        (await response.JsonAsync()).TryGetProperty("tool_calls", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"tool_choice\":\"auto\"")]
    public async Task Completion_SendsThePromptsTools_AndTheCallersChoiceBeforeThePrompts(string own)
    {
        using var response = await Gateway.CompleteAsync($$"""{"model":"prompt:tracker","metadata":{"text":"Where is 7?"},"messages":[]{{own}}}""");

        (await response.JsonAsync()).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls").GetArrayLength().ShouldBe(2);
        var sent = Fake.Requests.Single().Json;
        sent.GetProperty("tools")[0].GetProperty("function").GetProperty("name").GetString().ShouldBe("track");
        sent.GetProperty("tool_choice").GetString().ShouldBe(own.Length == 0 ? "required" : "auto");
    }

    [Fact]
    public async Task Summarizer_MayHaveToolsToo()
    {
        Write("summarizer/v1.yaml", Tracker.Replace("name: tracker", "name: summarizer", StringComparison.Ordinal));

        using var response = await Gateway.PostAsync("/summarize", """{"text":"Where is 7?","model":"gpt-4o"}""");

        (await response.JsonAsync()).GetProperty("tool_calls").GetRawText().ShouldBe(Calls);
    }

    [Fact]
    public async Task SameCall_IsAnsweredFromTheCacheWithItsCalls_AndOtherToolsAreAnotherText()
    {
        List<string> statuses = [];
        foreach (var tracker in new[] { Tracker, Tracker, Tracker.Replace("Finds a parcel.", "Finds parcels.", StringComparison.Ordinal) })
        {
            Write("tracker/v1.yaml", tracker);
            await Gateway.AdministerAsync("POST", "/admin/prompts/reload");
            using var response = await RunAsync("tracker");
            statuses.Add(response.Headers.GetValues("X-LlmOps-Cache").Single());
            (await response.JsonAsync()).GetProperty("tool_calls").GetRawText().ShouldBe(Calls);
        }

        statuses.ShouldBe(["miss", "hit-memory", "miss"]);
    }

    [Fact]
    public async Task Tools_AreWhatLimitsCount()
    {
        Write("tracker/v1.yaml", Tracker.Replace("Finds a parcel.", new string('x', 3_000), StringComparison.Ordinal));
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"k","limits":{"tokens_per_minute":3000}}""");

        using var response = await Gateway.SendAsync("POST", "/prompts/tracker/run", key, """{"variables":{"text":"Where?"},"model":"gpt-4o"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ollama/llama3.2", "tools: [{ type: function, function: { name: f } }]\n  tool_choice: required", "tool_choice")]
    [InlineData("ollama/llama3.2", "tools: [{ type: function, function: { name: f } }]\n  tool_choice: { type: function, function: { name: f } }", "tool_choice")]
    [InlineData("ollama/llama3.2", "tools: [{ type: function, function: { name: f, strict: true } }]", "tools[0].function.strict")]
    [InlineData("anthropic/claude-sonnet-4-5", "response_format: { type: json_object }", "response_format")]
    public async Task WhatAnotherProtocolHasNoPlaceFor_IsRefused_NotLeftOut(string model, string parameters, string field)
    {
        await using var other = new FakeServer();
        await using var gateway = new GatewayApplication().With("Gateway:Prompts:Folder", Folder)
            .With("Gateway:Providers:ollama:BaseUrl", other.BaseAddress.ToString())
            .With("Gateway:Providers:anthropic:BaseUrl", other.BaseAddress.ToString()).With("Gateway:Providers:anthropic:ApiKey", GatewayApplication.ProviderKey);
        Write("other/v1.yaml", $"name: other\nversion: v1\nparameters:\n  {parameters}\nuser: '{{{{text}}}}'\n");

        using var response = await gateway.PostAsync("/prompts/other/run", $$"""{"variables":{"text":"Where?"},"model":"{{model}}"}""");

        var error = (await response.JsonAsync()).GetProperty("error");
        (error.GetProperty("error_code").GetString(), error.GetProperty("field").GetString()).ShouldBe(("UNSUPPORTED_PARAMETER", field));
        other.Requests.ShouldBeEmpty();
    }

    private Task<HttpResponseMessage> RunAsync(string prompt, string fields = "") =>
        Gateway.PostAsync($"/prompts/{prompt}/run", $$$"""{"variables":{"text":"Where is 7?"},"model":"gpt-4o"{{{fields}}}}""");
}
