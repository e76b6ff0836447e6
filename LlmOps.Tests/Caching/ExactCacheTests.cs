using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Caching;

/// <summary>What is given again, to whom, and what never is; over real sockets.</summary>
public sealed class ExactCacheTests : CacheTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task IdenticalRequest_IsAnsweredFromMemory_HoweverEitherIsSent(bool first, bool second)
    {
        const string Usage = "\"temperature\":0,\"stream_options\":{\"include_usage\":true}";
        var missed = await AskAsync(first, first ? Usage : "\"temperature\":0");
        var hit = await AskAsync(second, second ? Usage : "\"temperature\":0");

        (missed.Cache, hit.Cache).ShouldBe(("miss", "hit-memory"));
        hit.Complete.ShouldBeTrue();
        (hit.Text, hit.Id, hit.FinishReason).ShouldBe((Text, missed.Id, "stop"));
        hit.Usage!.Value.GetProperty("prompt_tokens").GetInt32().ShouldBe(19);
        hit.Usage!.Value.GetProperty("completion_tokens").GetInt32().ShouldBe(10);
        Provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Hit_CostsNothing_AndSaysWhatItSaved()
    {
        var missed = await AskAsync();
        var hit = await AskAsync();

        hit.Cost.ShouldBe("0");
        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == 2));
        var (miss, line) = (Gateway.Logs.Requests.First().State, Gateway.Logs.Requests.Last().State);
        (miss["CacheEvent"], line["CacheEvent"]).ShouldBe(("cache_miss", "cache_hit"));
        line["Cache"].ShouldBe("hit-memory");
        line["SavedUsd"]!.ToString().ShouldBe(missed.Cost);
        line["Attempts"].ShouldBe(0);
        var stats = await StatsAsync();
        stats.GetProperty("hits").GetProperty("memory").GetInt64().ShouldBe(1);
        stats.GetProperty("misses").GetInt64().ShouldBe(1);
        stats.GetProperty("tokens_saved").GetInt64().ShouldBe(29);
        stats.GetProperty("cost_saved_usd").GetDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(missed.Cost);
        stats.GetProperty("entries").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hit_IsLoggedWithItsFacts(bool streaming)
    {
        await AskAsync();
        await AskAsync(streaming);

        await Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == 2));
        var (miss, hit) = (Gateway.Logs.Requests.First().State, Gateway.Logs.Requests.Last().State);
        foreach (var field in new[] { "InputTokens", "OutputTokens", "FinishReason", "ResponseModel", "Provider", "ProviderModel" })
        {
            hit[field].ShouldNotBeNull(field);
            hit[field].ShouldBe(miss[field], field);
        }
    }

    [Fact]
    public async Task WholeAnswer_ComesBackAsItWas()
    {
        Answer = Answer with { Extra = """{"vendor":{"x":[1,null]}}""", Choices = [new FakeChoice { Content = ["a"], Logprobs = [new FakeLogprob("a", -0.1)], Extra = """{"more":true}""" }, new FakeChoice { Content = ["b"] }] };
        var missed = await AskAsync(fields: "\"temperature\":0,\"n\":2,\"logprobs\":true");
        var hit = await AskAsync(fields: "\"temperature\":0,\"n\":2,\"logprobs\":true");

        hit.Cache.ShouldBe("hit-memory");
        hit.Body!.Value.GetRawText().ShouldBe(missed.Body!.Value.GetRawText());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolCalls_AreGivenAgain(bool firstStreamed)
    {
        Answer = FakeAnswer.Calls(new FakeToolCall("call_1", "weather", "{\"city\":", "\"Rome\"}"), new FakeToolCall("call_2", "time", "{}"));
        const string Fields = "\"temperature\":0,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}},{\"type\":\"function\",\"function\":{\"name\":\"time\"}}]";
        using (var first = await Gateway.CompleteAsync(Request(firstStreamed, Fields), firstStreamed))
        {
            await first.Content.ReadAsByteArrayAsync();
        }

        using var whole = await Gateway.CompleteAsync(Request(false, Fields));
        using var streamed = await Gateway.CompleteAsync(Request(true, Fields), stream: true);

        var calls = JsonElement.Parse(await whole.Content.ReadAsStringAsync()).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls");
        calls.EnumerateArray().Select(call => $"{call.GetProperty("id")} {call.GetProperty("type")} {call.GetProperty("function").GetProperty("name")} {call.GetProperty("function").GetProperty("arguments")}")
            .ShouldBe(["call_1 function weather {\"city\":\"Rome\"}", "call_2 function time {}"]);
        var stream = await SseText.ReadAsync(streamed);
        stream.Done.ShouldBeTrue();
        stream.Chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Select(choice => choice.GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("tool_calls", out _)).SelectMany(delta => delta.GetProperty("tool_calls").EnumerateArray())
            .Select(call => $"{call.GetProperty("index")} {call.GetProperty("id")} {call.GetProperty("function").GetProperty("arguments")}")
            .ShouldBe(["0 call_1 {\"city\":\"Rome\"}", "1 call_2 {}"]);
        stream.Chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("tool_calls");
        Provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("\"temperature\":0.2", null, null)]
    [InlineData("\"top_p\":1", null, null)]
    [InlineData("\"temperature\":0", "X-LlmOps-Cache", "off")]
    [InlineData("\"temperature\":0", "Cache-Control", "no-store")]
    public async Task UnderV1_OnlyTemperatureZeroIsCached_AndNotWhereTheCallerForbidsIt(string fields, string? header, string? value)
    {
        (string, string)[] headers = header is null ? [] : [(header, value!)];
        await AskAsync(fields: fields, headers: headers);
        var again = await AskAsync(fields: fields, headers: headers);

        again.Cache.ShouldBe("bypass");
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Caller_MayAskForTheCache()
    {
        await AskAsync(fields: "\"temperature\":0.9", headers: ("X-LlmOps-Cache", "exact"));
        (await AskAsync(fields: "\"temperature\":0.9", headers: ("X-LlmOps-Cache", "exact"))).Cache.ShouldBe("hit-memory");
        (await AskAsync(fields: "\"temperature\":0.9")).Cache.ShouldBe("bypass");
    }

    [Fact]
    public async Task NoCache_AsksAnew_AndKeepsTheNewAnswer()
    {
        await AskAsync();
        Answer = FakeAnswer.Text("Newer");

        (await AskAsync(headers: ("Cache-Control", "no-cache"))).Text.ShouldBe("Newer");
        var hit = await AskAsync();

        (hit.Cache, hit.Text).ShouldBe(("hit-memory", "Newer"));
        Provider.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("X-LlmOps-Cache", "maybe")]
    [InlineData("X-LlmOps-Cache-TTL", "0")]
    [InlineData("X-LlmOps-Cache-TTL", "soon")]
    public async Task FaultyHeaders_AreNamed(string header, string value)
    {
        var asked = await AskAsync(headers: (header, value));

        asked.Status.ShouldBe(400);
        asked.Body!.Value.GetProperty("error").GetProperty("param").GetString().ShouldBe(header);
        Provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("On", "\"temperature\":1", "hit-memory")]
    [InlineData("Off", "\"temperature\":0", "bypass")]
    public async Task Model_MayDecide(string caching, string fields, string expected)
    {
        Gateway.With("Gateway:Models:gpt-4o-mini:Caching", caching)
            .With("Gateway:Models:gpt-4o-mini:Targets:0:Provider", "openai").With("Gateway:Models:gpt-4o-mini:Targets:0:Model", "gpt-4o-mini");
        await AskAsync(fields: fields);

        (await AskAsync(fields: fields)).Cache.ShouldBe(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FilteredAnswer_IsNotKept(bool streaming) =>
        await IsNotKeptAsync(FakeAnswer.Of(new FakeChoice { Content = ["Well"], FinishReason = "content_filter" }), streaming);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RefusedAnswer_IsNotKept(bool streaming) =>
        await IsNotKeptAsync(FakeAnswer.Of(new FakeChoice { Refusal = ["I ", "will not"] }), streaming);

    [Fact]
    public async Task EmptyAnswer_IsNotKept() => await IsNotKeptAsync(FakeAnswer.Text(""), streaming: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerOfWhichOneChoiceIsFiltered_IsNotKept(bool streaming) =>
        await IsNotKeptAsync(FakeAnswer.Of(new FakeChoice { Content = ["a"] }, new FakeChoice { Content = ["b"], FinishReason = "content_filter" }), streaming, "\"temperature\":0,\"n\":2");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FailedAnswer_IsNotKept(bool streaming)
    {
        Provider.Enqueue(FakeOpenAI.Error(500, "down"));
        (await AskAsync(streaming)).Status.ShouldBe(502);

        var next = await AskAsync(streaming);

        (next.Cache, next.Text).ShouldBe(("miss", Text));
    }

    [Fact]
    public async Task InterruptedStream_IsNotKept()
    {
        Provider.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(3), done: false).ThenClose());
        (await AskAsync(streaming: true)).Complete.ShouldBeFalse();

        var next = await AskAsync(streaming: true);

        (next.Cache, next.Text).ShouldBe(("miss", Text));
    }

    [Fact]
    public async Task StreamThatItsCallerLeft_IsNotKept()
    {
        using var gate = new Gate();
        Provider.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(3), done: false).ThenWaitFor(gate.Opened));
        using (var caller = new CancellationTokenSource())
        {
            using var response = await Gateway.CompleteAsync(Request(true), stream: true, caller.Token);
            await caller.CancelAsync();
        }

        await (await Provider.NextRequestAsync()).ConnectionClosed.WithinDeadlineAsync("the provider's connection to be closed");
        (await AskAsync(streaming: true)).Cache.ShouldBe("miss");
    }

    [Fact]
    public async Task Chat_IsCachedWhateverTheTemperature_AndReplayedToItsStream()
    {
        const string Body = """{"prompt":"Why?","model":"gpt-4o-mini","temperature":0.7}""";
        using var first = await Gateway.PostAsync("/chat", Body);
        using var second = await Gateway.PostAsync("/chat", """{"temperature":0.7,"model":"gpt-4o-mini","prompt":"Why?"}""");
        using var streamed = await Gateway.PostAsync("/chat/stream", Body);

        var reply = JsonElement.Parse(await second.Content.ReadAsStringAsync());
        reply.GetProperty("cache_hit").GetBoolean().ShouldBeTrue();
        reply.GetProperty("cache").GetString().ShouldBe("hit-memory");
        reply.GetProperty("cost_usd").GetDecimal().ShouldBe(0);
        reply.GetProperty("response").GetString().ShouldBe(Text);
        JsonElement.Parse(await first.Content.ReadAsStringAsync()).GetProperty("cache_hit").GetBoolean().ShouldBeFalse();
        streamed.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("hit-memory");
        (await streamed.Content.ReadAsStringAsync()).ShouldBe(Text);
        Provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Clearing_ForgetsWhatIsNamed()
    {
        await AskAsync();
        await ClearAsync("?model=gpt-4o", "model:gpt-4o");
        (await AskAsync()).Cache.ShouldBe("hit-memory");

        await ClearAsync("?model=gpt-4o-mini", "model:gpt-4o-mini");

        (await AskAsync()).Cache.ShouldBe("miss");
        await ClearAsync("", "all");
        (await AskAsync()).Cache.ShouldBe("miss");
        (await StatsAsync()).GetProperty("entries").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Clearing_NeedsTheAdministrator()
    {
        using var response = await Gateway.Http.DeleteAsync("/cache");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(false, "order", "0s", "miss")]
    [InlineData(true, "order", "0s", "miss")]
    [InlineData(true, "order", "1m", "hit-memory")]
    [InlineData(true, "weighted", "0s", "hit-memory")]
    public async Task AnswerOfAFallback_IsKeptForItsOwnTime(bool streaming, string strategy, string keptFor, string second)
    {
        await using var down = new FakeServer();
        down.Handler = _ => FakeOpenAI.Error(500, "down");
        Gateway.With("Gateway:Providers:down:Type", "openai").With("Gateway:Providers:down:BaseUrl", new Uri(down.BaseAddress, "v1").ToString()).With("Gateway:Providers:down:ApiKey", "sk-down-0123456789")
            .With("Gateway:Models:gpt-4o-mini:Targets:0:Provider", "down").With("Gateway:Models:gpt-4o-mini:Targets:0:Model", "gpt-4o-mini").With("Gateway:Models:gpt-4o-mini:Targets:0:Weight", "1000000")
            .With("Gateway:Models:gpt-4o-mini:Targets:1:Provider", "openai").With("Gateway:Models:gpt-4o-mini:Targets:1:Model", "gpt-4o-mini")
            .With("Gateway:Models:gpt-4o-mini:Strategy", strategy).With("Gateway:Routing:MaxAttempts", "4").With("Gateway:Caching:FallbackTimeToLive", keptFor);
        (await AskAsync(streaming)).Cache.ShouldBe("miss");

        (await AskAsync(streaming)).Cache.ShouldBe(second);
    }

    private async Task IsNotKeptAsync(FakeAnswer answer, bool streaming, string fields = "\"temperature\":0")
    {
        Answer = answer;
        await AskAsync(streaming, fields);

        (await AskAsync(streaming, fields)).Cache.ShouldBe("miss");
        Provider.Requests.Count.ShouldBe(2);
    }

    private async Task<JsonElement> StatsAsync() => JsonElement.Parse(await Gateway.Http.GetStringAsync("/cache/stats"));

    private async Task ClearAsync(string query, string cleared)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/cache{query}");
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        using var response = await Gateway.Http.SendAsync(request);
        var reply = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        reply.GetProperty("cleared").GetString().ShouldBe(cleared);
        reply.GetProperty("all_replicas").GetBoolean().ShouldBeTrue();
    }
}
