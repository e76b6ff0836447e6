using LlmOps.Tests.Access.Limits;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Requests that are sent again with the same Idempotency-Key, as clients send them.</summary>
public sealed class IdempotencyTests : GatewayTests
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/chat", """{"model":"gpt-4o","prompt":"Hi"}""")]
    [InlineData("/chat/stream", """{"model":"gpt-4o","prompt":"Hi"}""")]
    public async Task Repeated_IsGivenTheSameBytes_AndCostsNothing(string path, string json)
    {
        Fake.Handler = Answers();
        var first = await Gateway.SendOnceAsync(json, path: path);

        var second = await Gateway.SendOnceAsync(json, path: path);

        first.Status.ShouldBe(200, first.Body);
        (first.IsReplayed, second.Status, second.IsReplayed).ShouldBe((false, 200, true));
        second.Body.ShouldBe(first.Body);
        foreach (var header in new[] { "Content-Type", "Cache-Control", "X-Accel-Buffering", "X-LlmOps-Cache", "X-LlmOps-Model", "X-LlmOps-Provider" })
        {
            second[header].ShouldBe(first[header], header);
        }

        second["X-LlmOps-Attempts"].ShouldBe("0");
        second["X-LlmOps-Cost-USD"].ShouldBe(first["X-LlmOps-Cost-USD"].Length == 0 ? "" : "0");
        second["X-Request-ID"].ShouldNotBe(first["X-Request-ID"]);
        Fake.Requests.Count.ShouldBe(1);
        (await Gateway.IdempotencyStatsAsync()).GetProperty("replayed").GetInt64().ShouldBe(1);
        await Gateway.Logs.FirstAsync(log => log.State.TryGetValue("Replayed", out var replayed) && replayed is true);
    }

    [Fact]
    public async Task Embeddings_AreReplayed()
    {
        const string Json = """{"model":"offline-embedding","input":"Where is the library?"}""";
        var first = await Gateway.SendOnceAsync(Json, path: "/v1/embeddings");

        var second = await Gateway.SendOnceAsync(Json, path: "/v1/embeddings");

        (first.Status, first.IsReplayed, second.IsReplayed).ShouldBe((200, false, true));
        second.Body.ShouldBe(first.Body);
    }

    [Fact]
    public async Task WithoutTheHeader_EachIsAnswered()
    {
        Fake.Handler = Answers();

        for (var number = 0; number < 2; number++)
        {
            using var response = await Gateway.CompleteAsync(Request(streaming: false));
            response.Header("Idempotent-Replayed").ShouldBeEmpty();
        }

        Fake.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("256")]
    public async Task KeyThatIsNone_Is400(string key)
    {
        var reply = await Gateway.SendOnceAsync(Request(streaming: false), key == "256" ? new string('k', 256) : key);

        (reply.Status, reply.ErrorCode).ShouldBe((400, "invalid_value"));
        reply.Body.ShouldContain("\"param\":\"Idempotency-Key\"");
        Fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task LongestKey_IsTaken()
    {
        Fake.Handler = Answers();

        (await Gateway.SendOnceAsync(Request(streaming: false), new string('k', 255))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task AnotherBody_Is409_AndTheFirstAnswerStays()
    {
        Fake.Handler = Answers();
        await Gateway.SendOnceAsync(Request(streaming: false));

        var other = await Gateway.SendOnceAsync(Request(streaming: true));

        (other.Status, other.ErrorCode).ShouldBe((409, "idempotency_key_reused"));
        (await Gateway.SendOnceAsync(Request(streaming: false))).IsReplayed.ShouldBeTrue();
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task AnotherEndpoint_IsAnotherRequest()
    {
        Fake.Handler = Answers();
        await Gateway.SendOnceAsync(Request(streaming: false));

        var other = await Gateway.SendOnceAsync("""{"model":"gpt-4o","prompt":"Hi"}""", path: "/chat");

        (other.Status, other.IsReplayed).ShouldBe((200, false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OtherPrincipals_HaveKeysOfTheirOwn(bool sameTenant)
    {
        Fake.Handler = Answers();
        var one = await Gateway.AddKeyAsync(null, "acme", "key_one");
        var other = await Gateway.AddKeyAsync(null, sameTenant ? "acme" : "globex", "key_other");
        await Gateway.SendOnceAsync(Request(streaming: false), credential: one);

        var theirs = await Gateway.SendOnceAsync(Request(streaming: false), credential: other);

        (theirs.Status, theirs.IsReplayed).ShouldBe((200, false));
        (await Gateway.SendOnceAsync(Request(streaming: false), credential: one)).IsReplayed.ShouldBeTrue();
        Fake.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Failure_IsNotRemembered()
    {
        Fake.Enqueue(FakeOpenAI.Error(500, "It failed."));
        Fake.Handler = Answers();

        (await Gateway.SendOnceAsync(Request(streaming: false))).Status.ShouldBe(502);

        var second = await Gateway.SendOnceAsync(Request(streaming: false));
        (second.Status, second.IsReplayed).ShouldBe((200, false));
    }

    [Fact]
    public async Task StreamThatBreaks_IsNotRemembered()
    {
        var request = Request(streaming: true);
        Fake.Enqueue(FakeReply.Sse([FakeOpenAI.Chunks(FakeAnswer.Text("All ", "is ", "well"))[1]], done: false).ThenReset());
        Fake.Handler = Answers();
        await Should.ThrowAsync<HttpRequestException>(() => Gateway.SendOnceAsync(request));

        var second = await Gateway.SendOnceAsync(request);

        (second.Status, second.IsReplayed).ShouldBe((200, false));
        second.Body.ShouldEndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task LargerThanIsKept_IsMadeAnew_AndCounted()
    {
        Gateway.With("Gateway:Access:Idempotency:MaxEntryBytes", "1024");
        Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text(new string('x', 600), new string('y', 600)));
        foreach (var streaming in new[] { false, true })
        {
            var first = await Gateway.SendOnceAsync(Request(streaming), $"k-{streaming}");

            var second = await Gateway.SendOnceAsync(Request(streaming), $"k-{streaming}");

            (first.Status, second.Status, second.IsReplayed).ShouldBe((200, 200, false));
            first.Body.ShouldContain(new string('y', 600));
        }

        Fake.Requests.Count.ShouldBe(4);
        var stats = await Gateway.IdempotencyStatsAsync();
        (stats.GetProperty("too_large").GetInt64(), stats.GetProperty("entries").GetInt64()).ShouldBe((4, 0));
    }

    [Fact]
    public async Task Replays_CountAsRequests()
    {
        Fake.Handler = Answers();
        var key = await Gateway.AddKeyAsync(new() { RequestsPerHour = 2, TokensPerDay = 100_000 });

        var replies = new List<IdempotentReply>();
        for (var number = 0; number < 3; number++)
        {
            replies.Add(await Gateway.SendOnceAsync(Request(streaming: false), credential: key));
        }

        replies.Select(reply => reply.Status).ShouldBe([200, 200, 429]);
        replies[1].IsReplayed.ShouldBeTrue();
        replies[1]["x-ratelimit-remaining-requests"].ShouldBe("0");
    }

    private static Func<ReceivedRequest, FakeReply> Answers() => FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well"), GatewayApplication.ProviderKey);
}
