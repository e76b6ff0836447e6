using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>Which questions are given the answer of another one; over real sockets.</summary>
public sealed class SemanticCacheTests : CacheTests
{
    private const string Asks = "What is the capital of France?";
    private const string AsksTheSame = "Can you tell me what France's capital is, please?";
    private const string AsksAnother = "What is the capital of Germany?";

    public SemanticCacheTests() => Gateway.With("Gateway:Caching:Semantic:Mode", "On");

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task SameQuestionInOtherWords_IsGivenTheAnswer_HoweverEitherIsSent(bool first, bool second)
    {
        var missed = await AskAsync(first, text: Asks, fields: first ? "\"temperature\":0,\"stream_options\":{\"include_usage\":true}" : "\"temperature\":0");
        var hit = await AskAsync(second, text: AsksTheSame);

        (missed.Cache, hit.Cache).ShouldBe(("miss", "hit-semantic"));
        (hit.Text, hit.Id, hit.FinishReason, hit.Complete).ShouldBe((Text, missed.Id, "stop", true));
        hit.Similarity.ShouldNotBeNull().ShouldBeInRange(0.75, 1);
        Provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnotherQuestion_IsAskedAnew_AndTheLogSaysWhy(bool streaming)
    {
        Gateway.With("Gateway:Caching:Semantic:Threshold", "0.3");
        await AskAsync(streaming, text: "How do I enable 2FA for my account?");
        var other = await AskAsync(streaming, text: "How do I disable 2FA for my account?");

        (other.Cache, other.Similarity).ShouldBe(("miss", null));
        Provider.Requests.Count.ShouldBe(2);
        await LoggedAsync(2);
        var line = Gateway.Logs.Requests.Last().State;
        line["SemanticRefusal"].ShouldBe("words");
        Convert.ToDouble(line["SemanticSimilarity"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(0.3, 0.999);
        (await SemanticAsync()).GetProperty("refusals").GetProperty("words").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hit_CostsNothing_IsCounted_AndIsLoggedWithItsFacts(bool streaming)
    {
        var missed = await AskAsync(text: Asks);
        var hit = await AskAsync(streaming, text: AsksTheSame);

        hit.Cost.ShouldBe(streaming ? null : "0");
        await LoggedAsync(2);
        var line = Gateway.Logs.Requests.Last().State;
        (line["Cache"], line["CacheEvent"], line["Attempts"], line["SemanticRefusal"]).ShouldBe(("hit-semantic", "cache_hit", 0, null));
        line["SavedUsd"]!.ToString().ShouldBe(missed.Cost);
        var stats = await StatsAsync();
        stats.GetProperty("hits").GetProperty("semantic").GetInt64().ShouldBe(1);
        (stats.GetProperty("misses").GetInt64(), stats.GetProperty("tokens_saved").GetInt64()).ShouldBe((1, 29));
        stats.GetProperty("semantic").GetProperty("lookups").GetInt64().ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hit_IsCounted_WhetherOrNotRequestsShareCalls(bool coalesce)
    {
        Gateway.With("Gateway:Caching:Coalesce", coalesce ? "true" : "false");
        await AskAsync(text: Asks);
        await AskAsync(text: AsksTheSame);
        await AskAsync(streaming: true, text: AsksTheSame);
        await AskAsync(text: AsksAnother);

        var stats = await StatsAsync();
        (stats.GetProperty("hits").GetProperty("semantic").GetInt64(), stats.GetProperty("misses").GetInt64()).ShouldBe((2, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Off_IsTheDefault_AndGivesNothing(bool streaming)
    {
        Gateway.With("Gateway:Caching:Semantic:Mode", "");
        await AskAsync(streaming, text: Asks);
        var other = await AskAsync(streaming, text: AsksTheSame, headers: ("X-LlmOps-Cache", "semantic"));

        other.Cache.ShouldBe("miss");
        var semantic = await SemanticAsync();
        (semantic.GetProperty("mode").GetString(), semantic.GetProperty("lookups").GetInt64()).ShouldBe(("off", 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shadow_GivesNothing_ButComparesWhatItWouldHaveGiven(bool streaming)
    {
        Gateway.With("Gateway:Caching:Semantic:Mode", "Shadow");
        await AskAsync(streaming, text: Asks, fields: Usage(streaming));
        Answer = FakeAnswer.Text("The sky ", "is blue on most days.");
        var agreeing = await AskAsync(streaming, text: AsksTheSame, fields: Usage(streaming));
        Answer = FakeAnswer.Text("Something entirely different now.");
        var disagreeing = await AskAsync(streaming, text: "Please tell me the capital of France", fields: Usage(streaming));
        await AskAsync(streaming, text: AsksAnother, fields: Usage(streaming));

        (agreeing.Cache, disagreeing.Cache, agreeing.Similarity).ShouldBe(("miss", "miss", null));
        Provider.Requests.Count.ShouldBe(4);
        await Conditions.HoldsAsync(async () => (await SemanticAsync()).GetProperty("shadow").GetProperty("compared").GetInt64() == 2);
        var shadow = (await SemanticAsync()).GetProperty("shadow");
        (shadow.GetProperty("would_hit").GetInt64(), shadow.GetProperty("would_hit_rate").GetDouble()).ShouldBe((2, 0.5));
        shadow.GetProperty("mean_overlap").GetDouble().ShouldBeInRange(0.1, 0.6);
    }

    [Fact]
    public async Task Shadow_ToldAnswersThatAgreeFromThoseThatDoNot()
    {
        Gateway.With("Gateway:Caching:Semantic:Mode", "Shadow");
        await AskAsync(text: Asks);
        await AskAsync(text: AsksTheSame);

        await Conditions.HoldsAsync(async () => (await SemanticAsync()).GetProperty("shadow").GetProperty("compared").GetInt64() == 1);
        var shadow = (await SemanticAsync()).GetProperty("shadow");
        (shadow.GetProperty("identical").GetInt64(), shadow.GetProperty("agreeing").GetInt64(), shadow.GetProperty("agreement").GetDouble()).ShouldBe((1, 1, 1));
    }

    [Theory]
    [InlineData("X-LlmOps-Cache", "exact")]
    [InlineData("X-LlmOps-Cache", "off")]
    [InlineData("Cache-Control", "no-cache")]
    [InlineData("Cache-Control", "no-store")]
    public async Task Request_MaySayNo(string header, string value)
    {
        await AskAsync(text: Asks);
        var other = await AskAsync(text: AsksTheSame, headers: (header, value));

        other.Cache.ShouldBeOneOf("miss", "bypass");
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Request_MaySayYes_WhereItIsNotCachedByDefault()
    {
        const string Warm = "\"temperature\":0.7";
        (await AskAsync(text: Asks, fields: Warm)).Cache.ShouldBe("bypass");
        await AskAsync(text: Asks, fields: Warm, headers: ("X-LlmOps-Cache", "semantic"));
        (await AskAsync(text: AsksTheSame, fields: Warm, headers: ("X-LlmOps-Cache", "semantic"))).Cache.ShouldBe("hit-semantic");
    }

    [Fact]
    public async Task RefreshedAnswer_IsTheOneThatOtherQuestionsAreGiven()
    {
        await AskAsync(text: Asks);
        Answer = FakeAnswer.Text("A newer answer.");
        await AskAsync(text: Asks, headers: ("Cache-Control", "no-cache"));

        await Conditions.HoldsAsync(async () => (await AskAsync(text: AsksTheSame)) is { Cache: "hit-semantic", Text: "A newer answer." });
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task AnswerNotToBeKept_IsNotGivenToOthersEither()
    {
        await AskAsync(text: Asks, headers: ("Cache-Control", "no-store"));
        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
    }

    [Fact]
    public async Task FailedAndFilteredAnswers_AreNotGivenToOthers()
    {
        Provider.Enqueue(FakeReply.Json(500, """{"error":{"message":"no","type":"server_error","param":null,"code":null}}"""));
        (await AskAsync(text: Asks)).Status.ShouldBe(502);
        Answer = Answer with { Choices = [new FakeChoice { Content = ["cut off by a filter"], FinishReason = "content_filter" }] };
        await AskAsync(text: Asks);

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
    }

    [Fact]
    public async Task StreamThatBreaksOff_IsNotGivenToOthers()
    {
        Provider.Enqueue(FakeReply.Sse(["{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"half\"},\"finish_reason\":null}]}"], done: false));
        (await AskAsync(streaming: true, text: Asks)).Complete.ShouldBeFalse();

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
    }

    [Fact]
    public async Task LongQuestions_AreNotLookedUp()
    {
        Gateway.With("Gateway:Caching:Semantic:MaxQuestionLength", "40");
        await AskAsync(text: Asks);
        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
        (await AskAsync(text: "what's the capital of france")).Cache.ShouldBe("hit-semantic");
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"What is the capital of France?"}]""", """[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"what's the capital of france"}]""")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"What is the capital of France?"},{"type":"text","text":"Now."}]}]""", """[{"role":"user","content":[{"type":"text","text":"what's the capital of france"},{"type":"text","text":"Now."}]}]""")]
    [InlineData("""[{"role":"user","content":"What is the capital of France?","x":1}]""", """[{"role":"user","content":"what's the capital of france","x":1}]""")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":"What is the capital of France?","cache_control":{"type":"ephemeral"}}]}]""", """[{"role":"user","content":[{"type":"text","text":"what's the capital of france","cache_control":{"type":"ephemeral"}}]}]""")]
    public async Task WhatIsMoreThanOneQuestion_IsNotLookedUp(string first, string second)
    {
        await SendAsync(Completion(first));
        (await SendAsync(Completion(second))).ShouldBe("miss");
        (await SemanticAsync()).GetProperty("lookups").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task QuestionAsAListOfOneText_IsLookedUp()
    {
        await SendAsync(Completion("""[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"What is the capital of France?"}]}]"""));
        (await SendAsync(Completion("""[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"what's the capital of france"}]}]"""))).ShouldBe("hit-semantic");
    }

    [Theory]
    [InlineData("/chat")]
    [InlineData("/chat/stream")]
    public async Task PlainEndpoints_AreGivenAnswersToo(string path)
    {
        await SendAsync($$"""{"prompt":"{{Asks}}"}""", "/chat");
        (await SendAsync($$"""{"prompt":"{{AsksTheSame}}"}""", path)).ShouldBe("hit-semantic");
        (await SendAsync($$"""{"prompt":"{{AsksTheSame}}","max_tokens":5}""", path)).ShouldBe("miss");
        (await SendAsync($$"""{"prompt":"{{AsksTheSame}}","system":"Be brief."}""", path)).ShouldBe("miss");
        (await SendAsync($$"""{"prompt":"{{AsksTheSame}}","temperature":0.1}""", path)).ShouldBe("miss");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?tenant=default")]
    [InlineData("?model=gpt-4o-mini")]
    public async Task Clearing_ForgetsThemToo(string filter)
    {
        await AskAsync(text: Asks);
        await ClearAsync(filter);

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
        Provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Clearing_OfAnother_ForgetsNothing()
    {
        await AskAsync(text: Asks);
        await ClearAsync("?tenant=another");

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("hit-semantic");
    }

    [Fact]
    public async Task Clearing_WhileTheAnswerIsBeingMade_KeepsItOut()
    {
        using var gate = new Gate();
        Provider.Handler = request =>
        {
            gate.Opened.Wait(TimeSpan.FromSeconds(60));
            return FakeOpenAI.Handler(_ => Answer, GatewayApplication.ProviderKey)(request);
        };
        var asked = AskAsync(text: Asks);
        await Provider.WaitForAsync(() => Provider.Requests.Count == 1);
        await ClearAsync("");
        gate.Open();
        await asked;

        (await AskAsync(text: AsksTheSame)).Cache.ShouldBe("miss");
    }

    [Fact]
    public async Task Time_IsThatOfTheAnswer()
    {
        await AskAsync(text: Asks, headers: ("X-LlmOps-Cache-TTL", "1"));
        await Conditions.HoldsAsync(async () => (await AskAsync(text: AsksTheSame, headers: ("Cache-Control", "no-store"))).Status == 200
            && (await AskAsync(text: "what's the capital of france?", headers: ("X-LlmOps-Cache-TTL", "1"))).Cache == "miss");
    }

    [Fact]
    public async Task VerifierNone_GivesWhateverIsNear()
    {
        Gateway.With("Gateway:Caching:Semantic:Verifier", "None").With("Gateway:Caching:Semantic:Threshold", "0.3");
        await AskAsync(text: "How do I enable 2FA for my account?");
        (await AskAsync(text: "How do I disable 2FA for my account?")).Cache.ShouldBe("hit-semantic");
    }

    [Fact]
    public async Task IdenticalQuestions_AtTheSameTime_ShareTheSemanticHit()
    {
        await AskAsync(text: Asks);
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => AskAsync(number % 2 == 0, text: AsksTheSame)));

        all.ShouldAllBe(asked => asked.Complete && asked.Text == Text && (asked.Cache == "hit-semantic" || asked.Cache == "coalesced"));
        Provider.Requests.Count.ShouldBe(1);
    }

    private static string Usage(bool streaming) => streaming ? "\"temperature\":0,\"stream_options\":{\"include_usage\":true}" : "\"temperature\":0";

    private static string Completion(string messages) => $$"""{"model":"gpt-4o-mini","temperature":0,"messages":{{messages}}}""";

    private async Task<string> SendAsync(string json, string path = "/v1/chat/completions")
    {
        using var response = await Gateway.PostAsync(path, json);
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
        return response.Headers.GetValues("X-LlmOps-Cache").Single();
    }

    private async Task ClearAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/cache{query}");
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        using var response = await Gateway.Http.SendAsync(request);
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("all_replicas").GetBoolean().ShouldBeTrue();
    }

    private Task LoggedAsync(int requests) => Conditions.HoldsAsync(() => Task.FromResult(Gateway.Logs.Requests.Count() == requests));

    private async Task<JsonElement> StatsAsync() => JsonElement.Parse(await Gateway.Http.GetStringAsync("/cache/stats"));

    private async Task<JsonElement> SemanticAsync() => (await StatsAsync()).GetProperty("semantic");
}
