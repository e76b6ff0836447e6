using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry.Langfuse;

namespace LlmOps.Evaluator.Publishing;

/// <summary>Writes answers and scores as events of Langfuse's ingestion API.</summary>
/// <param name="metrics">The kinds of metrics, by name.</param>
/// <param name="version">The server's version.</param>
internal sealed class LangfuseAnswerEvents(IReadOnlyDictionary<string, MetricKind> metrics, LangfuseVersion version)
{
    private readonly string? _environment = version.IsModern ? LangfusePublisher.Environment : null;

    /// <summary>The trace of an answer, and its one generation; without texts where these are more than Langfuse takes.</summary>
    public IEnumerable<IngestionEvent<LangfuseAnswer>> Answer(LangfuseAnswer answer)
    {
        List<IngestionEvent<LangfuseAnswer>> events = [.. Answer(answer, withTexts: true)];
        return events.Exists(each => each.Json.Length > IngestionLimits.MostEventBytes) ? Answer(answer, withTexts: false) : events;
    }

    /// <summary>The scores of an answer; one that is missing is not told.</summary>
    public IEnumerable<IngestionEvent<LangfuseAnswer>> Scores(LangfuseAnswer answer) =>
        answer.Result.Scores.Where(score => score.Value.Value is not null).Select(score => Score(answer, score.Key, score.Value));

    private IEnumerable<IngestionEvent<LangfuseAnswer>> Answer(LangfuseAnswer answer, bool withTexts)
    {
        yield return Event(answer, "trace-create", "trace", body =>
        {
            body.WriteString("id", answer.TraceId);
            body.WriteString("timestamp", answer.At);
            body.WriteString("name", answer.Name);
            body.WriteTexts("tags", answer.Tags);
            Common(body, answer, withTexts);
        });
        yield return Event(answer, "generation-create", "generation", body =>
        {
            // Observations of all traces share one table.
            body.WriteString("id", $"{answer.TraceId}-{LangfuseNames.Span(answer.TraceId)}");
            body.WriteString("traceId", answer.TraceId);
            body.WriteString("name", answer.Name);
            body.WriteString("startTime", answer.At);
            body.WriteString("endTime", answer.EndedAt);
            body.WritePropertyName("modelParameters");
            answer.WriteParameters(body);
            if (answer.Version is { } number)
            {
                body.WriteString("promptName", answer.Evaluation.Prompt);
                body.WriteNumber("promptVersion", number);
            }

            if (answer.Call is { } call)
            {
                body.WriteString("model", call.Model);
                body.WriteUsage(call);
            }
            else
            {
                body.WriteString("level", "ERROR");
                body.WriteKnown("statusMessage", answer.Result.Failure);
            }

            Common(body, answer, withTexts);
        });
    }

    private static void Common(Utf8JsonWriter body, LangfuseAnswer answer, bool withTexts)
    {
        var details = answer.Details;
        if (withTexts)
        {
            body.WritePropertyName("input");
            answer.WriteInput(body);
            if (answer.Call is not null)
            {
                body.WritePropertyName("output");
                answer.WriteOutput(body);
            }
        }
        else
        {
            details["content_omitted"] = "too large";
        }

        body.WritePropertyName("metadata");
        body.WriteMap(details);
    }

    private IngestionEvent<LangfuseAnswer> Score(LangfuseAnswer answer, string metric, Score score)
    {
        var part = $"score/{metric}";
        return Event(answer, "score-create", part, body =>
        {
            body.WriteString("id", answer.Names.Part($"{part}/body", answer.Case, answer.Result));
            body.WriteString("traceId", answer.TraceId);
            if (version.TakesOtlp)
            {
                body.WriteString("observationId", LangfuseNames.Span(answer.TraceId));
            }

            body.WriteString("name", metric);
            body.WriteNumber("value", score.Value!.Value);
            body.WriteString("dataType", metrics.GetValueOrDefault(metric) == MetricKind.Pass && score.Value is 0 or 1 ? "BOOLEAN" : "NUMERIC");
            body.WriteKnown("comment", score.Reason);
            if (version.IsModern)
            {
                body.WriteStartObject("metadata");
                body.WriteString("source", "evaluation");
                body.WriteString("evaluation", answer.Evaluation.Id);
                body.WriteEndObject();
            }
        });
    }

    private IngestionEvent<LangfuseAnswer> Event(LangfuseAnswer answer, string type, string part, Action<Utf8JsonWriter> write)
    {
        var id = answer.Names.Part($"event/{part}", answer.Case, answer.Result);
        return new IngestionEvent<LangfuseAnswer>(answer, id, LangfuseJson.Event(id, type, answer.At, _environment, write));
    }
}
