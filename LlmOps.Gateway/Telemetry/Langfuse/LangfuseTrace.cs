using System.Globalization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>A request in Langfuse's words, whichever way it is sent.</summary>
internal sealed class LangfuseTrace
{
    private const int LongestTag = 200;
    private const string FirstSpan = "request";

    private readonly TraceSpan? _answering;

    public LangfuseTrace(RequestTrace trace)
    {
        Trace = trace;
        Root = trace.Spans is [var first, ..] ? first : Lone(trace);
        Parts = [.. trace.Spans.Skip(1)];
        Metadata = MetadataOf(trace);
        Parameters = ParametersOf(trace.Parameters);
        Prompt = trace.Request is { Prompt: { } name, PromptVersion: { } version } && VersionName.Parse(version) is { } number ? (name, number) : null;
        Tags = [.. new[] { ("tenant", trace.Request.Tenant), ("endpoint", trace.Request.Endpoint), ("model", trace.Request.Model), ("cache", trace.Request.Cache) }
            .Where(tag => tag.Item2 is not null).Select(tag => $"{tag.Item1}:{tag.Item2}").Select(tag => tag.Length > LongestTag ? tag[..LongestTag] : tag)];

        // A reused answer is none of a call's, though a judge may have been asked about it.
        var isReused = trace.Request.Cache.StartsWith("hit", StringComparison.Ordinal) || trace.Request.Cache == "coalesced";
        _answering = isReused ? null
            : Parts.LastOrDefault(span => IsOwn(span) && span.Error is null && span.Call!.Provider == trace.Request.Provider && span.Call.Model == trace.Request.ProviderModel)
            ?? Parts.LastOrDefault(IsOwn);
    }

    /// <summary>The request.</summary>
    public RequestTrace Trace { get; }

    /// <summary>The trace's id.</summary>
    public string Id => LangfuseIds.Trace(Trace.Request.Id);

    /// <summary>The trace's name.</summary>
    public string Name => Trace.Request.Endpoint;

    /// <summary>Whose request it is.</summary>
    public string User => Trace.Request.UserLabel ?? Trace.Request.Subject;

    /// <summary>The span of the request itself.</summary>
    public TraceSpan Root { get; }

    /// <summary>Its other spans.</summary>
    public IReadOnlyList<TraceSpan> Parts { get; }

    /// <summary>What it is found by.</summary>
    public string[] Tags { get; }

    /// <summary>All else that is known of it: strings, numbers, bools and lists of strings. Money is a text, and so exact.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>What the model was asked to answer with.</summary>
    public IReadOnlyDictionary<string, object> Parameters { get; }

    /// <summary>The prompt that it is made from, with the number of its version; null for none.</summary>
    public (string Name, int Version)? Prompt { get; }

    /// <summary>Whether a span is the call whose answer was given.</summary>
    public bool IsAnswering(TraceSpan span) => ReferenceEquals(span, _answering);

    /// <summary>Whether a span is a call with what the caller asked; a judge is asked something else.</summary>
    public bool IsOwn(TraceSpan span) => span.Call?.Operation == TelemetryNames.Chat
        && !Parts.Any(part => part.Id == span.Parent && part.Name is (TelemetryNames.InputGuardrails or TelemetryNames.OutputGuardrails or TelemetryNames.SemanticCache));

    /// <summary>What is known of a span besides what Langfuse has a place for. Content has its own, and usage the ledger's numbers.</summary>
    public static Dictionary<string, object> Details(TraceSpan span)
    {
        var details = span.Attributes.Where(attribute => !attribute.Key.StartsWith("gen_ai.usage.", StringComparison.Ordinal)
            && attribute.Key is not (TelemetryNames.InputMessages or TelemetryNames.OutputMessages or TelemetryNames.SystemInstructions or TelemetryNames.Cost)).ToDictionary();
        if (span.Call is { } call)
        {
            details["provider"] = call.Provider;
            details["outcome"] = call.Outcome;
            details["estimated"] = call.IsEstimated;
        }

        return details;
    }


    private static TraceSpan Lone(RequestTrace trace) => new()
    {
        Id = LangfuseIds.Trace(trace.Request.Id)[16..],
        Name = FirstSpan,
        Kind = "server",
        StartedAt = trace.Request.At,
        DurationMs = trace.Request.DurationMs,
    };

    private static Dictionary<string, object> MetadataOf(RequestTrace trace)
    {
        var request = trace.Request;
        return Known(
            ("request_id", request.RequestId), ("tenant", request.Tenant), ("team", request.Team), ("key", request.Key), ("subject", request.Subject), ("account", request.User),
            ("endpoint", request.Endpoint), ("model", request.Model), ("provider", request.Provider), ("provider_model", request.ProviderModel), ("response_model", trace.ResponseModel),
            ("finish_reason", trace.FinishReason), ("prompt", request.Prompt), ("prompt_version", request.PromptVersion), ("experiment", request.Experiment), ("variant", request.Variant),
            ("stream", request.Stream), ("outcome", request.Outcome), ("status", trace.Status), ("reason", trace.Reason), ("cache", request.Cache),
            ("similarity", trace.Semantic?.Similarity), ("semantic_mode", trace.Semantic?.Mode), ("semantic_refusal", trace.Semantic?.Refusal),
            ("guardrails", Listed(trace.Guardrails)), ("degraded", Listed(trace.Degraded)), ("configuration", trace.Configuration), ("w3c_trace_id", trace.TraceId),
            ("input_tokens", request.InputTokens), ("output_tokens", request.OutputTokens), ("cost_usd", Money(request.Cost)), ("estimated", request.IsEstimated),
            ("saved_usd", Money(request.Saved)), ("duration_ms", request.DurationMs), ("first_chunk_ms", request.FirstChunkMs));
    }

    private static Dictionary<string, object> ParametersOf(TraceParameters asked) => Known(
        ("temperature", Number(asked.Temperature)), ("max_tokens", asked.MaxTokens), ("top_p", Number(asked.TopP)), ("top_k", asked.TopK), ("seed", asked.Seed),
        ("frequency_penalty", Number(asked.FrequencyPenalty)), ("presence_penalty", Number(asked.PresencePenalty)), ("stop", Listed(asked.Stop ?? [])),
        ("output_type", asked.OutputType), ("tools", asked.Tools));

    private static Dictionary<string, object> Known(params (string Name, object? Value)[] all) =>
        all.Where(each => each.Value is not null).ToDictionary(each => each.Name, each => each.Value!);

    private static string[]? Listed(IReadOnlyList<string> texts) => texts.Count == 0 ? null : [.. texts];

    private static string? Money(NanoUsd? amount) => amount?.ToString();

    // The float 0.7 is 0.699999988079071 as a double.
    private static double? Number(float? told) => told is { } number ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}
