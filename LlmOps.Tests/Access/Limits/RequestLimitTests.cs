using System.Globalization;
using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Limits;

/// <summary>What callers see of their limits.</summary>
public sealed class RequestLimitTests : LimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UsedUpLimit_Is429_ThatSaysWhichWhoseAndWhen(bool streaming)
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerDay = 2, RequestsPerMinute = 50 });
        await OkAsync(key, streaming);
        await OkAsync(key, streaming);

        using var refused = await Gateway.SendAsync(Chat, Request(streaming), key);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var error = JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("error");
        (error.GetProperty("code").GetString(), error.GetProperty("type").GetString()).ShouldBe(("rate_limit_exceeded", "rate_limit_error"));
        error.GetProperty("message").GetString()!.ShouldMatch(@"^The limit of 2 requests per day of key 'key_ci' is used up; it has room again in 1[12]h\d+m[\d.]+s\.$");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(43_000, 43_200);
        (refused.Header("x-ratelimit-limit-requests"), refused.Header("x-ratelimit-remaining-requests")).ShouldBe(("2", "0"));
        refused.Header("x-ratelimit-reset-requests").ShouldMatch(@"^(24h0m0s|23h59m[\d.]+s)$");
        Fake.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task OutsideV1_TheErrorHasItInParts()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerHour = 1 });
        using var first = await Gateway.SendAsync("/chat", """{"prompt":"Hi","model":"gpt-4o"}""", key);
        first.IsSuccessStatusCode.ShouldBeTrue();

        using var refused = await Gateway.SendAsync("/chat", """{"prompt":"Hi","model":"gpt-4o"}""", key);

        var error = JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("error");
        error.GetProperty("error_code").GetString().ShouldBe("RATE_LIMIT_EXCEEDED");
        var details = error.GetProperty("details");
        (details.GetProperty("limit").GetString(), details.GetProperty("holder").GetString()).ShouldBe(("1 request per hour", "key:key_ci"));
        details.GetProperty("reset_seconds").GetDouble().ShouldBeInRange(3_500, 3_600);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_TellOfTheLimitOfWhichTheLeastIsLeft(bool streaming)
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerMinute = 100, RequestsPerDay = 10, TokensPerDay = 50_000, TokensPerHour = 100_000 });

        using var answer = await Gateway.SendAsync(Chat, Request(streaming).Replace("\"model\"", "\"max_tokens\":20,\"model\"", StringComparison.Ordinal), key);

        answer.IsSuccessStatusCode.ShouldBeTrue();
        (answer.Header("x-ratelimit-limit-requests"), answer.Header("x-ratelimit-remaining-requests")).ShouldBe(("10", "9"));
        answer.Header("x-ratelimit-reset-requests").ShouldMatch(@"^2h2[34]m[\d.]+s$");
        answer.Header("x-ratelimit-limit-tokens").ShouldBe("50000");
        var remaining = long.Parse(answer.Header("x-ratelimit-remaining-tokens"), CultureInfo.InvariantCulture);

        // A stream's headers go out before it is known what it takes: they tell what is left beside the most that it can take.
        (50_000 - remaining).ShouldBeInRange(streaming ? 100 : 25, streaming ? 250 : 29);
    }

    [Fact]
    public async Task WithoutLimits_NothingIsTold()
    {
        using var answer = await Gateway.CompleteAsync(Request(streaming: false));

        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Headers.ShouldNotContain(header => header.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokens_AreReservedAndSettled(bool streaming)
    {
        // 29 of them are taken in truth, of the body's length, what providers add to it, and 400 that are reserved.
        var key = await Gateway.AddKeyAsync(new RequestLimits { TokensPerDay = 700 });
        var request = Request(streaming).Replace("\"model\"", "\"max_tokens\":400,\"model\"", StringComparison.Ordinal);

        for (var asked = 1; asked <= 3; asked++)
        {
            using var answer = await Gateway.SendAsync(Chat, request, key);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }

        using var refused = await Gateway.SendAsync(Chat, request.Replace("400", "500", StringComparison.Ordinal), key);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync()).ShouldMatch(@"The limit of 700 tokens per day of key 'key_ci' has 61[34] left, and this request may take 6\d\d; it fits in ");
        refused.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task MoreThanTheWholeLimit_IsRefused_WithoutAWordOfWhenToComeBack()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { TokensPerMinute = 50, RequestsPerDay = 1 });

        using var refused = await Gateway.SendAsync(Chat, Request(streaming: false), key);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("it never fits. Send less, or ask for less (max_tokens).");
        refused.Headers.RetryAfter.ShouldBeNull();

        // What a limit refuses is not counted by the others.
        refused.Header("x-ratelimit-remaining-requests").ShouldBe("1");
    }

    [Fact]
    public async Task WhatALimitRefuses_TakesNothingOfTheOthers()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerDay = 2, TokensPerDay = 250 });
        for (var tries = 0; tries < 5; tries++)
        {
            using var refused = await Gateway.SendAsync(Chat, Request(streaming: false).Replace("Hi", new string('x', 200), StringComparison.Ordinal), key);
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        }

        await OkAsync(key);
        await OkAsync(key);
        using var last = await Gateway.SendAsync(Chat, Request(streaming: false), key);
        last.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await last.Content.ReadAsStringAsync()).ShouldContain("2 requests per day");
    }

    [Fact]
    public async Task AnswersFromTheCache_CountAsRequests_NotAsTokens()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerDay = 10, TokensPerDay = 10_000 });
        var request = Request(streaming: false).Replace("\"model\"", "\"temperature\":0,\"model\"", StringComparison.Ordinal);
        using var paid = await Gateway.SendAsync(Chat, request, key);

        using var hit = await Gateway.SendAsync(Chat, request, key);

        hit.Header("X-LlmOps-Cache").ShouldBe("hit-memory");
        (paid.Header("x-ratelimit-remaining-requests"), hit.Header("x-ratelimit-remaining-requests")).ShouldBe(("9", "8"));
        (paid.Header("x-ratelimit-remaining-tokens"), hit.Header("x-ratelimit-remaining-tokens")).ShouldBe(("9971", "9971"));
    }

    [Fact]
    public async Task FailureOfTheProvider_CountsAsRequest_NotAsTokens()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { RequestsPerDay = 10, TokensPerDay = 10_000 });
        Fake.Enqueue(FakeOpenAI.Error(500, "Broken"));

        using var failed = await Gateway.SendAsync(Chat, Request(streaming: false), key);

        failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (failed.Header("x-ratelimit-remaining-requests"), failed.Header("x-ratelimit-remaining-tokens")).ShouldBe(("9", "10000"));
    }

    [Fact]
    public async Task Stream_ThatItsCallerLeaves_CountsWhatItIsEstimatedToHaveTaken()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { TokensPerDay = 10_000, Concurrency = 1 });
        Fake.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("Yes")).Take(2), done: false).ThenSilence());
        using (var caller = new CancellationTokenSource())
        {
            (await Gateway.SendAsync(Chat, Request(streaming: true).Replace("\"model\"", "\"max_tokens\":1000,\"model\"", StringComparison.Ordinal), key, stream: true, cancellationToken: caller.Token)).Dispose();
            await caller.CancelAsync();
        }

        using var next = await WhenThereIsAPlaceAsync(key);
        long.Parse(next.Header("x-ratelimit-remaining-tokens"), CultureInfo.InvariantCulture).ShouldBeInRange(9_900, 10_000 - 29 - 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestThatSetsNoBound_FitsIntoALimitSmallerThanWhatItsModelCanWrite(bool streaming)
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { TokensPerDay = 1_000 });

        for (var asked = 1; asked <= 3; asked++)
        {
            using var answer = await Gateway.SendAsync(Chat, Request(streaming), key);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        }

        // While one is on its way it may take all there is.
        var inFlight = Fake.Enqueue(FakeReply.Silence());
        using var leave = new CancellationTokenSource();
        var waiting = Gateway.SendAsync(Chat, Request(streaming), key, cancellationToken: leave.Token);
        await inFlight.WaitForAsync(() => inFlight.Requests.Count == 4);
        using var refused = await Gateway.SendAsync(Chat, Request(streaming), key);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("has 0 left");
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
    }

    [Fact]
    public async Task LimitOfATenant_HoldsForItsKeysTogether()
    {
        await Gateway.LimitTenantAsync("acme", new RequestLimits { RequestsPerDay = 2 });
        var (one, other, elsewhere) = (await Gateway.AddKeyAsync(null, id: "key_1"), await Gateway.AddKeyAsync(null, id: "key_2"), await Gateway.AddKeyAsync(null, "other", "key_3"));
        await OkAsync(one);
        await OkAsync(other);

        using var refused = await Gateway.SendAsync(Chat, Request(streaming: false), one);

        (await refused.Content.ReadAsStringAsync()).ShouldContain("The limit of 2 requests per day of tenant 'acme' is used up");
        await OkAsync(elsewhere);
    }

    [Fact]
    public async Task LimitOfAModel_HoldsForAll_UnderEachOfItsNames()
    {
        Gateway.With("Gateway:Access:ModelLimits:GPT-4o:RequestsPerHour", "2")
            .With("Gateway:Models:alias:Targets:0:Provider", "openai").With("Gateway:Models:alias:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:beside:Targets:0:Provider", "openai").With("Gateway:Models:beside:Targets:0:Model", "gpt-4o-mini");
        var key = await Gateway.AddKeyAsync(null);
        await OkAsync(key);
        await OkAsync(key: null);

        foreach (var name in new[] { "gpt-4o", "gPT-4O", "openai/gpt-4o", "OpenAI/GPT-4o", "alias" })
        {
            using var refused = await Gateway.SendAsync(Chat, Request(streaming: false).Replace("gpt-4o", name, StringComparison.Ordinal), key);
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, name);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("The limit of 2 requests per hour of model 'gpt-4o' is used up");
        }

        using var beside = await Gateway.SendAsync(Chat, Request(streaming: false).Replace("gpt-4o", "beside", StringComparison.Ordinal), key);
        beside.IsSuccessStatusCode.ShouldBeTrue();
    }
}
