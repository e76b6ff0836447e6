using System.Text.Json;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>Writes requests as spans with the attributes that Langfuse reads.</summary>
/// <param name="environment">Langfuse's environment; null for its default.</param>
internal sealed class LangfuseSpans(string? environment)
{
    private const string Observation = "langfuse.observation.";

    // Langfuse reads these of spans that are not of its own SDK, in its first versions with OTLP none else.
    private const string OpenCost = "gen_ai.usage.cost";

    /// <summary>The spans of a request.</summary>
    public IEnumerable<OtlpSpan> Of(RequestTrace request)
    {
        var trace = new LangfuseTrace(request);
        var common = Common(trace);

        // Its caller's span is in no trace of ours: the trace has one root.
        yield return new OtlpSpan(trace.Id, trace.Root with { Parent = null }, Root(trace, common));
        foreach (var span in trace.Parts)
        {
            yield return new OtlpSpan(trace.Id, span, Part(trace, span, common));
        }
    }

    // From version 4 on, what is said of a trace is read off each of its spans.
    private Dictionary<string, object> Common(LangfuseTrace trace)
    {
        var attributes = new Dictionary<string, object> { ["langfuse.trace.name"] = trace.Name, ["langfuse.trace.tags"] = trace.Tags, ["user.id"] = trace.User };
        if (trace.Trace.Request.Session is { } session)
        {
            attributes["session.id"] = session;
        }

        if (environment is not null)
        {
            attributes["langfuse.environment"] = environment;
        }

        foreach (var (name, value) in trace.Metadata)
        {
            attributes[$"langfuse.trace.metadata.{name}"] = value;
        }

        return attributes;
    }

    private static Dictionary<string, object> Root(LangfuseTrace trace, Dictionary<string, object> common)
    {
        var attributes = Begin(trace.Root, common, "span");
        if (trace.Root.Error is not null || trace.Trace.Reason is not null)
        {
            Failed(attributes, trace.Trace.Reason ?? trace.Root.Error!);
        }

        Content(attributes, trace.Trace.Content, withAnswer: true);
        return attributes;
    }

    private static Dictionary<string, object> Part(LangfuseTrace trace, TraceSpan span, Dictionary<string, object> common)
    {
        var attributes = Begin(span, common, span.Call is null ? "span" : "generation");
        if (span.Error is { } error)
        {
            Failed(attributes, trace.IsAnswering(span) ? trace.Trace.Reason ?? error : error);
        }

        if (span.Call is not { } call)
        {
            return attributes;
        }

        attributes[Observation + "model.name"] = call.Model;
        if (span.FirstChunkAt is { } first)
        {
            // As its SDKs have it: a JSON string, which all versions read.
            attributes[Observation + "completion_start_time"] = LangfuseJson.Text(json => json.WriteStringValue(first));
        }

        AddUsage(attributes, call);
        if (trace.IsOwn(span))
        {
            Question(attributes, trace);
            Content(attributes, trace.Trace.Content, trace.IsAnswering(span));
        }

        return attributes;
    }

    private static void Question(Dictionary<string, object> attributes, LangfuseTrace trace)
    {
        attributes[Observation + "model.parameters"] = LangfuseJson.Text(json => json.WriteMap(trace.Parameters));
        if (trace.Prompt is { } prompt)
        {
            attributes[Observation + "prompt.name"] = prompt.Name;
            attributes[Observation + "prompt.version"] = prompt.Version;
        }
    }

    /// <summary>Adds what is known of a call's tokens and cost.</summary>
    public static void AddUsage(Dictionary<string, object> attributes, Accounting.Ledger.LedgerAttempt call)
    {
        if (call is not { InputTokens: null, OutputTokens: null })
        {
            attributes[Observation + "usage_details"] = Json(json => json.WriteTokens(call));
        }

        if (call.InputTokens is { } input)
        {
            attributes[TelemetryNames.InputTokens] = input;
        }

        if (call.OutputTokens is { } output)
        {
            attributes[TelemetryNames.OutputTokens] = output;
        }

        if (call.Cost is { } cost)
        {
            attributes[Observation + "cost_details"] = Json(json => json.WriteNumber("total", cost.Dollars));
            attributes[OpenCost] = (double)cost.Dollars;
        }
    }

    private static Dictionary<string, object> Begin(TraceSpan span, Dictionary<string, object> common, string type)
    {
        var attributes = LangfuseTrace.Details(span);
        foreach (var (name, value) in common)
        {
            attributes[name] = value;
        }

        attributes[Observation + "type"] = type;
        return attributes;
    }

    private static void Failed(Dictionary<string, object> attributes, string message)
    {
        attributes[Observation + "level"] = "ERROR";
        attributes[Observation + "status_message"] = message;
    }

    private static void Content(Dictionary<string, object> attributes, TraceContent? content, bool withAnswer)
    {
        if (content is null)
        {
            return;
        }

        attributes[Observation + "input"] = LangfuseJson.Text(json => json.WriteMessages(content.Messages));
        if (withAnswer && content.Answer is { } answer)
        {
            attributes[Observation + "output"] = LangfuseJson.Text(json => json.WriteMessage("assistant", answer));
        }
    }

    private static string Json(Action<Utf8JsonWriter> write) => System.Text.Encoding.UTF8.GetString(LangfuseJson.Object(write).Span);
}
