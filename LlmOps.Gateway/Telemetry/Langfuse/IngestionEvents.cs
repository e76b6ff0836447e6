using System.Text.Json;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>Writes telemetry as events of Langfuse's ingestion API.</summary>
/// <param name="version">The server's version.</param>
/// <param name="environment">Langfuse's environment; null for its default.</param>
internal sealed class IngestionEvents(LangfuseVersion version, string? environment)
{
    private const string WithoutContent = "content_omitted";

    private readonly string? _environment = version.IsModern ? environment : null;

    /// <summary>What is sent of an event.</summary>
    /// <param name="telemetry">The event.</param>
    /// <param name="most">Most bytes of one; where what was said makes it larger, that is left out.</param>
    public IReadOnlyList<IngestionEvent<TelemetryEvent>> Of(TelemetryEvent telemetry, int most)
    {
        if (telemetry is ScoreGiven score)
        {
            return [Score(score)];
        }

        var trace = (RequestTrace)telemetry;
        List<IngestionEvent<TelemetryEvent>> events = [.. Of(new LangfuseTrace(trace), telemetry, isWhole: true)];
        return trace.Content is not null && events.Exists(each => each.Json.Length > most)
            ? [.. Of(new LangfuseTrace(trace with { Content = null }), telemetry, isWhole: false)]
            : events;
    }

    private IEnumerable<IngestionEvent<TelemetryEvent>> Of(LangfuseTrace trace, TelemetryEvent telemetry, bool isWhole) =>
        trace.Parts.Select(span => Observation(trace, span, telemetry)).Prepend(Trace(trace, telemetry, isWhole));

    private IngestionEvent<TelemetryEvent> Trace(LangfuseTrace trace, TelemetryEvent telemetry, bool isWhole) => Event(telemetry, "trace-create", "trace", trace.Trace.Request.At, body =>
    {
        body.WriteString("id", trace.Id);
        body.WriteString("timestamp", trace.Trace.Request.At);
        body.WriteString("name", trace.Name);
        body.WriteString("userId", trace.User);
        body.WriteKnown("sessionId", trace.Trace.Request.Session);
        body.WriteTexts("tags", trace.Tags);
        body.WritePropertyName("metadata");
        body.WriteMap(isWhole ? trace.Metadata : new Dictionary<string, object>(trace.Metadata) { [WithoutContent] = "too large" });
        Content(body, trace.Trace.Content, withAnswer: true);
    });

    private IngestionEvent<TelemetryEvent> Observation(LangfuseTrace trace, TraceSpan span, TelemetryEvent telemetry) =>
        Event(telemetry, span.Call is null ? "span-create" : "generation-create", span.Id, span.StartedAt, body =>
        {
            var request = trace.Trace.Request.Id;
            body.WriteString("id", LangfuseIds.Observation(request, span.Id));
            body.WriteString("traceId", trace.Id);

            // The request itself is the trace, and no observation.
            if (span.Parent is { } parent && parent != trace.Root.Id)
            {
                body.WriteString("parentObservationId", LangfuseIds.Observation(request, parent));
            }

            body.WriteString("name", span.Name);
            body.WriteString("startTime", span.StartedAt);
            body.WriteString("endTime", span.StartedAt.AddMilliseconds(span.DurationMs));
            if (span.Error is { } error)
            {
                body.WriteString("level", "ERROR");
                body.WriteString("statusMessage", trace.IsAnswering(span) ? trace.Trace.Reason ?? error : error);
            }

            body.WritePropertyName("metadata");
            body.WriteMap(LangfuseTrace.Details(span));
            if (span.Call is not null)
            {
                Call(body, trace, span);
            }
        });

    private static void Call(Utf8JsonWriter body, LangfuseTrace trace, TraceSpan span)
    {
        var call = span.Call!;
        body.WriteString("model", call.Model);
        if (span.FirstChunkAt is { } first)
        {
            body.WriteString("completionStartTime", first);
        }

        body.WriteUsage(call);
        if (trace.IsOwn(span))
        {
            Question(body, trace);
            Content(body, trace.Trace.Content, trace.IsAnswering(span));
        }
    }

    private static void Question(Utf8JsonWriter body, LangfuseTrace trace)
    {
        body.WritePropertyName("modelParameters");
        body.WriteMap(trace.Parameters);
        if (trace.Prompt is { } prompt)
        {
            body.WriteString("promptName", prompt.Name);
            body.WriteNumber("promptVersion", prompt.Version);
        }
    }

    private IngestionEvent<TelemetryEvent> Score(ScoreGiven score) => Event(score, "score-create", "score", score.At, body =>
    {
        body.WriteString("id", LangfuseIds.Of(score.RequestId, score.Name));
        body.WriteString("traceId", LangfuseIds.Trace(score.RequestId));
        body.WriteString("name", score.Name);
        body.WriteNumber("value", score.Value);
        body.WriteString("dataType", "NUMERIC");
        body.WriteKnown("comment", score.Comment);
        if (version.IsModern)
        {
            body.WriteStartObject("metadata");
            body.WriteString("source", score.Source);
            body.WriteKnown("prompt", score.Prompt);
            body.WriteKnown("prompt_version", score.PromptVersion);
            body.WriteEndObject();
        }
    });

    private static void Content(Utf8JsonWriter body, TraceContent? content, bool withAnswer)
    {
        if (content is null)
        {
            return;
        }

        body.WritePropertyName("input");
        body.WriteMessages(content.Messages);
        if (withAnswer && content.Answer is { } answer)
        {
            body.WritePropertyName("output");
            body.WriteMessage("assistant", answer);
        }
    }

    private IngestionEvent<TelemetryEvent> Event(TelemetryEvent of, string type, string part, DateTimeOffset at, Action<Utf8JsonWriter> write)
    {
        var id = LangfuseIds.Of(of.EventId, part);
        return new IngestionEvent<TelemetryEvent>(of, id, LangfuseJson.Event(id, type, at, _environment, write));
    }
}
