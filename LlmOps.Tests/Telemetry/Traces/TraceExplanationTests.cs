using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Accounting.Ledger;

namespace LlmOps.Tests.Telemetry.Traces;

/// <summary>Each sentence that explains a request.</summary>
public sealed class TraceExplanationTests
{
    private static readonly LedgerEntry Entry = Entries.Of("r-1") with { ProviderModel = "gpt-4o", DurationMs = 4_400, InputTokens = 3_000, OutputTokens = 500, Cost = new NanoUsd(12_000_000) };

    [Theory]
    [InlineData("miss", "The answer came from openai/gpt-4o, in 4,400 ms.")]
    [InlineData("hit-memory", "The answer came from the exact cache (memory): the same request was answered before.")]
    [InlineData("hit-redis", "The answer came from the exact cache (redis): the same request was answered before.")]
    [InlineData("hit-semantic", "The answer came from the semantic cache: similarity 0.93 to an earlier question.")]
    [InlineData("coalesced", "The answer is that of an identical request, which was on its way at the same time.")]
    public void Answer_SaysWhereItCameFrom(string cache, string expected)
    {
        var trace = Answered(Entry with { Cache = cache }) with { Semantic = new TraceSimilarity("on", 0.93, null) };

        TraceExplanation.Of(trace)[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData("provider_timeout", 504, true, "It kept silent.", "It failed with provider_timeout (HTTP 504): It kept silent.")]
    [InlineData("no_target_available", 503, false, null, "It failed with no_target_available (HTTP 503).")]
    [InlineData("client_closed_request", 499, true, null, "The caller left after 4,400 ms, before the answer was complete.")]
    [InlineData("interrupted", 500, true, null, "The gateway's process ended before the request did.")]
    [InlineData("rate_limit_exceeded", 429, false, "requests_per_minute of key_1 is used up.", "A limit of the gateway was used up, no provider was asked: requests_per_minute of key_1 is used up.")]
    [InlineData("rate_limit_exceeded", 429, true, null, "The provider limited the rate.")]
    [InlineData("insufficient_quota", 429, false, "Tenant acme has $0.01 left.", "A budget had not enough left, no provider was asked: Tenant acme has $0.01 left.")]
    [InlineData("insufficient_quota", 429, true, null, "Refused when a budget, or the provider's account, had not enough left.")]
    [InlineData("budget_unavailable", 503, false, null, "What was spent of the caller's budget was not known, so no more was spent.")]
    [InlineData("deadline_exceeded", 504, true, null, "Its time was over after 4,400 ms.")]
    [InlineData("gateway_stopping", 503, true, null, "The gateway was being stopped, and the time to finish was over.")]
    [InlineData("content_policy", 400, false, "Refused by the guardrail judge: no.", "Refused by the guardrail judge: no.")]
    [InlineData("content_policy", 400, false, "It tells the model to ignore its instructions.", "Refused by a guardrail: It tells the model to ignore its instructions.")]
    public void Failure_SaysWhatFailed(string outcome, int status, bool asked, string? reason, string expected)
    {
        var entry = Entry with { Outcome = outcome };
        var trace = (asked ? With(entry, ("openai", "gpt-4o", outcome, 10)) : With(entry)) with { Status = status, Reason = reason };

        TraceExplanation.Of(trace)[0].ShouldBe(expected);
    }

    [Fact]
    public void GuardrailThatRefused_IsNamed()
    {
        var trace = With(Entry with { Outcome = "content_policy" }) with { Guardrails = ["prompt_injection"] };

        TraceExplanation.Of(trace)[0].ShouldBe("Refused by guardrail prompt_injection.");
    }

    [Fact]
    public void GuardrailThatLetItPass_IsNamed() =>
        Expect(Answered(Entry) with { Guardrails = ["email", "phone"] }, "Guardrails found something, which did not stop it: email, phone.");

    [Theory]
    [InlineData("length", 100, "The answer was cut: the model was allowed 100 tokens (max_tokens).")]
    [InlineData("length", null, "The answer was cut: the model reached its own most tokens.")]
    [InlineData("content_filter", null, "The provider's content filter stopped the answer.")]
    [InlineData("tool_calls", null, "The model asked for tools, instead of an answer.")]
    public void ModelThatDidNotEndByItself_SaysWhy(string finish, int? most, string expected) =>
        Expect(Answered(Entry) with { FinishReason = finish, Parameters = new TraceParameters { MaxTokens = most } }, expected);

    [Fact]
    public void AnotherModelThanAsked_IsTold() =>
        Expect(Answered(Entry) with { ResponseModel = "gpt-3.5-turbo" }, "The provider was asked for gpt-4o, and named gpt-3.5-turbo as the model that answered.");

    [Fact]
    public void DatedNameOfTheModelAskedFor_IsNoOther() =>
        TraceExplanation.Of(Answered(Entry) with { ResponseModel = "gpt-4o-2024-08-06" }).ShouldAllBe(sentence => !sentence.Contains("named"));

    [Theory]
    [InlineData(null, "It was made from prompt digest, version 2.")]
    [InlineData("shorter", "It was made from prompt digest, version 2, as variant b of experiment shorter.")]
    public void Prompt_IsTold(string? experiment, string expected) =>
        Expect(Answered(Entry with { Prompt = "digest", PromptVersion = "2", Variant = "b", Experiment = experiment }), expected);

    [Theory]
    [InlineData("on", null, null, "The semantic cache knew no question near to it.")]
    [InlineData("on", 0.91, "numbers", "The nearest earlier question was not used: numbers differ (0.91).")]
    [InlineData("on", 0.91, "negation", "The nearest earlier question was not used: negation differs (0.91).")]
    [InlineData("on", 0.91, "judge", "The nearest earlier question was not used: the judge found that it asks something else (0.91).")]
    [InlineData("on", null, "unreadable", "The nearest earlier question was not used: its answer could not be read any more.")]
    [InlineData("shadow", 0.98, null, "The semantic cache would have answered it (0.98), but only watches (shadow).")]
    [InlineData("on", 0.98, null, "The semantic cache found a question near enough (0.98), whose answer was not used.")]
    public void SemanticCacheThatDidNotAnswer_SaysWhy(string mode, double? similarity, string? refusal, string expected) =>
        Expect(Answered(Entry) with { Semantic = new TraceSimilarity(mode, similarity, refusal) }, expected);

    [Fact]
    public void CacheThatWasNotAsked_IsTold() =>
        Expect(Answered(Entry with { Cache = "bypass" }), "The cache was not used: it is not in force for this request, or the caller asked to pass it by.");

    [Theory]
    [InlineData("gemini", "ok", "Provider openai failed with provider_timeout after 10,012 ms; the next target, gemini, answered.")]
    [InlineData("gemini", "provider_error", "Provider openai failed with provider_timeout after 10,012 ms; the next target was gemini/gpt-4o.")]
    [InlineData("openai", "ok", "Provider openai failed with provider_timeout after 10,012 ms; another attempt answered.")]
    [InlineData("openai", "provider_error", "Provider openai failed with provider_timeout after 10,012 ms; it was tried again.")]
    [InlineData(null, null, "Provider openai failed with provider_timeout after 10,012 ms; there was no other attempt.")]
    public void FailedCall_SaysWhatCameNext(string? next, string? outcome, string expected) => Expect(
        next is null ? With(Entry, ("openai", "gpt-4o", "provider_timeout", 10_012)) : With(Entry, ("openai", "gpt-4o", "provider_timeout", 10_012), (next, "gpt-4o", outcome!, 400)), expected);

    [Theory]
    [InlineData("lost", "A call to openai/gpt-4o was given up after 900 ms, as another was quicker.")]
    [InlineData("cancelled", "The call to openai/gpt-4o was ended after 900 ms, as the caller had left or its time was over.")]
    public void CallThatWasEnded_SaysWhy(string outcome, string expected) => Expect(With(Entry, ("openai", "gpt-4o", outcome, 900)), expected);

    [Fact]
    public void TargetsThatRest_AreTold() =>
        Expect(With(Entry with { Outcome = "no_target_available" }), "No provider was asked: each target had failed too often, or its keys rested.");

    [Fact]
    public void WhatItHadToDoWithout_IsTold() => Expect(Answered(Entry) with { Degraded = ["redis", "qdrant"] }, "It had to do without redis and qdrant.");

    [Theory]
    [InlineData(4_210, 4_300, "Most of its time, 4,210 of 4,400 ms, was spent waiting for openai/gpt-4o's first chunk.")]
    [InlineData(300, 4_300, "Most of its time, 4,000 of 4,400 ms, was spent receiving the rest of openai/gpt-4o's answer.")]
    [InlineData(null, 4_300, "Most of its time, 4,300 of 4,400 ms, was spent waiting for openai/gpt-4o.")]
    [InlineData(null, 1_500, "The longest part of its time, 1,500 of 4,400 ms, was spent waiting for openai/gpt-4o.")]
    [InlineData(null, 500, "Of its 4,400 ms, 500 were spent in its spans, none of which took a quarter of it.")]
    public void Time_SaysWhereItWent(int? first, int took, string expected)
    {
        var trace = With(Entry, ("openai", "gpt-4o", "ok", took));
        var call = trace.Spans[1] with { FirstChunkAt = first is { } ms ? Entry.At.AddMilliseconds(ms) : null };

        Expect(trace with { Spans = [trace.Spans[0], call] }, expected);
    }

    [Fact]
    public void Time_IsToldOfWhatHasNoPartsOfItsOwn()
    {
        var trace = With(Entry);
        var outer = new TraceSpan { Id = "1", Parent = trace.Spans[0].Id, Name = "guardrail input", Kind = "internal", StartedAt = Entry.At, DurationMs = 4_000 };
        var inner = outer with { Id = "2", Parent = "1", Name = "guardrail judge", DurationMs = 3_000 };

        Expect(trace with { Spans = [.. trace.Spans, outer, inner] }, "Most of its time, 3,000 of 4,400 ms, was spent in guardrail judge.");
    }

    [Fact]
    public void Time_OfACallIsNotThatOfTheGuardrailsOfItsStream()
    {
        var trace = With(Entry, ("openai", "gpt-4o", "ok", 4_200));
        var call = trace.Spans[1] with { StartedAt = Entry.At, FirstChunkAt = Entry.At.AddMilliseconds(100) };
        var guardrail = new TraceSpan { Id = "1", Parent = trace.Spans[0].Id, Name = "guardrail output", Kind = "internal", StartedAt = Entry.At.AddMilliseconds(90), DurationMs = 4_150 };

        Expect(trace with { Spans = [trace.Spans[0], call, guardrail] }, "Most of its time, 4,100 of 4,400 ms, was spent receiving the rest of openai/gpt-4o's answer.");
    }

    [Fact]
    public void Time_BetweenAttemptsIsTold()
    {
        var trace = With(Entry, ("openai", "gpt-4o", "provider_unreachable", 100), ("groq", "kimi", "ok", 300));
        var failed = trace.Spans[1] with { StartedAt = Entry.At };
        var answered = trace.Spans[2] with { StartedAt = Entry.At.AddMilliseconds(4_100) };

        Expect(trace with { Spans = [trace.Spans[0], failed, answered] }, "Most of its time, 4,000 of 4,400 ms, was spent waiting between attempts.");
    }

    [Fact]
    public void ShortRequest_IsNotAskedWhereItsTimeWent() =>
        TraceExplanation.Of(With(Entry with { DurationMs = 20 }, ("openai", "gpt-4o", "ok", 19))).ShouldAllBe(sentence => !sentence.Contains("spent"));

    [Theory]
    [InlineData(12_000_000L, false, "It cost $0.012: 3,000 input and 500 output tokens.")]
    [InlineData(12_000_000L, true, "It cost $0.012, a part of which is estimated: 3,000 input and 500 output tokens.")]
    [InlineData(0L, false, "It cost nothing: 3,000 input and 500 output tokens.")]
    [InlineData(null, false, "What it cost is not known, as a price is missing: 3,000 input and 500 output tokens.")]
    public void Cost_IsTold(long? nano, bool isEstimated, string expected) =>
        Expect(Answered(Entry with { Cost = nano is { } cost ? new NanoUsd(cost) : null, IsEstimated = isEstimated }), expected);

    [Fact]
    public void CostOfSeveralCalls_IsThatOfAll() =>
        Expect(With(Entry, ("openai", "gpt-4o", "provider_error", 10), ("openai", "gpt-4o", "ok", 10)), "It cost $0.012, all 2 calls together: 3,000 input and 500 output tokens.");

    [Fact]
    public void ReusedAnswer_SaysWhatItSaved() =>
        Expect(With(Entry with { Cache = "hit-memory", Cost = new NanoUsd(0), Saved = new NanoUsd(12_000_000) }), "It cost nothing, and saved $0.012, which the answer had cost when it was given first.");

    private static void Expect(RequestTrace trace, string sentence) => TraceExplanation.Of(trace).ShouldContain(sentence);

    private static RequestTrace Answered(LedgerEntry entry) => With(entry, ("openai", "gpt-4o", "ok", 4_300));

    private static RequestTrace With(LedgerEntry entry, params (string Provider, string Model, string Outcome, double Ms)[] calls) => StoredTraces.Of(entry) with
    {
        ResponseModel = null,
        Spans =
        [
            StoredTraces.Root(entry),
            .. calls.Select(call => StoredTraces.Call(entry, new LedgerAttempt("chat", call.Provider, call.Model, call.Outcome, null, null, null, IsEstimated: false, call.Ms))),
        ],
    };
}
