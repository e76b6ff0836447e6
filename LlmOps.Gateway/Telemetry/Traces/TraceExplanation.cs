using System.Globalization;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>What became of a request, and why, in sentences: for whoever has to explain an answer when nobody remembers it.</summary>
internal static class TraceExplanation
{
    /// <summary>The sentences, what matters most first.</summary>
    public static IReadOnlyList<string> Of(RequestTrace trace) =>
    [
        trace.Request.Outcome == LedgerEntry.Ok ? Answer(trace) : Failure(trace),
        .. End(trace),
        .. Origin(trace.Request),
        .. Cache(trace),
        .. TraceCalls.Explain(trace),
        .. Tools(trace),
        .. Guardrails(trace),
        .. Degraded(trace),
        .. TraceTime.Explain(trace),
        .. Cost(trace),
    ];

    /// <summary>Milliseconds as people read them.</summary>
    public static string Milliseconds(double milliseconds) => milliseconds.ToString(milliseconds < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);

    /// <summary>A number, with commas.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Answer(RequestTrace trace)
    {
        var request = trace.Request;
        return request.Cache switch
        {
            CacheStatus.HitMemory or CacheStatus.HitRedis => $"The answer came from the exact cache ({request.Cache[4..]}): the same request was answered before.",
            CacheStatus.HitSemantic => $"The answer came from the semantic cache: similarity {Similarity(trace)} to an earlier question.",
            CacheStatus.Coalesced => "The answer is that of an identical request, which was on its way at the same time.",
            _ => $"The answer came from {Named(request.Provider, request.ProviderModel)}, in {Milliseconds(request.DurationMs)} ms.",
        };
    }

    private static string Failure(RequestTrace trace)
    {
        var request = trace.Request;
        var reason = trace.Reason is { Length: > 0 } text ? $": {text.TrimEnd('.')}" : "";
        var asked = trace.Spans.Any(span => span.Call is not null);
        return request.Outcome switch
        {
            "client_closed_request" => $"The caller left after {Milliseconds(request.DurationMs)} ms, before the answer was complete.",
            LedgerEntry.Interrupted => "The gateway's process ended before the request did.",
            "content_policy" when trace.Reason?.StartsWith("Refused by ", StringComparison.Ordinal) is true => trace.Reason,
            "content_policy" => trace.Guardrails.Count == 0 ? $"Refused by a guardrail{reason}." : $"Refused by guardrail {string.Join(", ", trace.Guardrails)}{reason}.",
            "rate_limit_exceeded" => asked ? $"The provider limited the rate{reason}." : $"A limit of the gateway was used up, no provider was asked{reason}.",
            "insufficient_quota" => asked ? $"Refused when a budget, or the provider's account, had not enough left{reason}." : $"A budget had not enough left, no provider was asked{reason}.",
            "budget_unavailable" => $"What was spent of the caller's budget was not known, so no more was spent{reason}.",
            "deadline_exceeded" => $"Its time was over after {Milliseconds(request.DurationMs)} ms{reason}.",
            "gateway_stopping" => $"The gateway was being stopped, and the time to finish was over{reason}.",
            var code => $"It failed with {code} (HTTP {trace.Status}){reason}.",
        };
    }

    // Why the model stopped, where it did not by itself.
    private static IEnumerable<string> End(RequestTrace trace)
    {
        switch (trace.FinishReason)
        {
            case "length":
                yield return trace.Parameters.MaxTokens is { } most
                    ? $"The answer was cut: the model was allowed {Number(most)} tokens (max_tokens)."
                    : "The answer was cut: the model reached its own most tokens.";
                break;
            case "content_filter":
                yield return "The provider's content filter stopped the answer.";
                break;
            case "tool_calls":
                yield return "The model asked for tools, instead of an answer.";
                break;
        }

        if (trace.ResponseModel is { } model && trace.Request.ProviderModel is { } asked && !model.StartsWith(asked, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"The provider was asked for {asked}, and named {model} as the model that answered.";
        }
    }

    private static IEnumerable<string> Origin(LedgerEntry request)
    {
        if (request.Prompt is { } prompt)
        {
            yield return request.Experiment is { } experiment
                ? $"It was made from prompt {prompt}, version {request.PromptVersion}, as variant {request.Variant} of experiment {experiment}."
                : $"It was made from prompt {prompt}, version {request.PromptVersion}.";
        }
    }

    private static IEnumerable<string> Cache(RequestTrace trace)
    {
        if (trace.Semantic is { } semantic && trace.Request.Cache != CacheStatus.HitSemantic)
        {
            yield return (semantic.Mode, semantic.Similarity, semantic.Refusal) switch
            {
                (_, null, null) => "The semantic cache knew no question near to it.",
                (_, null, { } refusal) => $"The nearest earlier question was not used: {Differs(refusal)}.",
                (_, _, { } refusal) => $"The nearest earlier question was not used: {Differs(refusal)} ({Similarity(trace)}).",
                ("shadow", _, null) => $"The semantic cache would have answered it ({Similarity(trace)}), but only watches (shadow).",
                _ => $"The semantic cache found a question near enough ({Similarity(trace)}), whose answer was not used.",
            };
        }
        else if (trace.Request is { Cache: CacheStatus.Bypass, Outcome: LedgerEntry.Ok })
        {
            yield return "The cache was not used: it is not in force for this request, or the caller asked to pass it by.";
        }
    }

    // The verifier's words are of what is different.
    private static string Differs(string refusal) => refusal switch
    {
        "numbers" or "names" or "operators" or "words" => $"{refusal} differ",
        "quoted text" or "negation" or "kind of question" or "tense" or "order of words" => $"{refusal} differs",
        "judge" => "the judge found that it asks something else",
        "unreadable" => "its answer could not be read any more",
        _ => refusal,
    };

    private static IEnumerable<string> Tools(RequestTrace trace)
    {
        var calls = trace.Spans.Where(span => span.Name.StartsWith(TelemetryNames.ExecuteTool, StringComparison.Ordinal)).ToList();
        if (calls.Count > 0)
        {
            var names = string.Join(", ", calls.Select(call => call.Attributes.GetValueOrDefault(TelemetryNames.ToolName)).Distinct());
            var failed = calls.Count(call => call.Error is not null);
            yield return $"The model called tools of the gateway, {calls.Count} times in all: {names}{(failed > 0 ? $"; {failed} of the calls failed" : "")}.";
        }
    }

    private static IEnumerable<string> Guardrails(RequestTrace trace)
    {
        if (trace.Guardrails.Count > 0 && trace.Request.Outcome != ErrorCode.ContentPolicy.Code)
        {
            yield return $"Guardrails found something, which did not stop it: {string.Join(", ", trace.Guardrails)}.";
        }
    }

    private static IEnumerable<string> Degraded(RequestTrace trace)
    {
        if (trace.Degraded.Count > 0)
        {
            yield return $"It had to do without {string.Join(" and ", trace.Degraded)}.";
        }
    }

    private static IEnumerable<string> Cost(RequestTrace trace)
    {
        var request = trace.Request;
        var calls = trace.Spans.Count(span => span.Call is not null);
        var tokens = (request.InputTokens, request.OutputTokens) is ({ } input, { } output) ? $"{Number(input)} input and {Number(output)} output tokens" : null;
        if (request.Saved is { } saved)
        {
            yield return $"It cost {Dollars(request.Cost?.Dollars ?? 0)}, and saved ${saved}, which the answer had cost when it was given first.";
        }
        else if (calls > 0 && request.Cost is { } cost)
        {
            yield return $"It cost {Dollars(cost.Dollars)}{(calls > 1 ? $", all {calls} calls together" : "")}{(request.IsEstimated ? ", a part of which is estimated" : "")}{(tokens is null ? "" : $": {tokens}")}.";
        }
        else if (calls > 0)
        {
            yield return $"What it cost is not known, as a price is missing{(tokens is null ? "" : $": {tokens}")}.";
        }
    }

    private static string Dollars(decimal dollars) => dollars == 0 ? "nothing" : $"${dollars.ToString(CultureInfo.InvariantCulture)}";

    private static string Similarity(RequestTrace trace) => trace.Semantic?.Similarity is { } similarity ? similarity.ToString("0.00##", CultureInfo.InvariantCulture) : "unknown";

    private static string Named(string? provider, string? model) => (provider, model) switch
    {
        (null, null) => "the gateway",
        (null, _) => model,
        (_, null) => provider,
        _ => $"{provider}/{model}",
    };
}
