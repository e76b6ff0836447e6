using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>
/// A request's spans with the attributes that MLflow shows: https://mlflow.org/docs/latest/genai/tracing/opentelemetry/ingest.
/// The trace is the request's own, so its first span has no parent: MLflow shows a trace without a root as one that goes on.
/// </summary>
internal static class MLflowSpans
{
    private const string Type = "mlflow.spanType";
    private const string Inputs = "mlflow.spanInputs";
    private const string Outputs = "mlflow.spanOutputs";

    // Told in full: MLflow takes none of the conventions' where one of them is 0, and a price of its own where it is told no cost.
    private const string Usage = "mlflow.chat.tokenUsage";
    private const string Cost = "mlflow.llm.cost";

    private const string User = "user.id";
    private const string Session = "session.id";

    /// <summary>The spans as they are sent.</summary>
    public static IEnumerable<OtlpSpan> Of(RequestTrace trace)
    {
        var id = trace.EventId.ToString("N");
        return trace.Spans.Select((span, position) => position == 0
            ? new OtlpSpan(id, span with { Parent = null }, Root(trace, span))
            : new OtlpSpan(id, span, span.Call is null ? Part(span) : Call(trace, span)));
    }

    private static Dictionary<string, object> Root(RequestTrace trace, TraceSpan span)
    {
        // MLflow adds up the usage of all spans: that of the calls is the request's.
        var attributes = span.Attributes.Where(attribute => !attribute.Key.StartsWith("gen_ai.usage.", StringComparison.Ordinal)).ToDictionary();
        attributes[Type] = "CHAIN";
        AddContent(attributes, trace.Content);
        if ((trace.Request.UserLabel ?? trace.Request.User) is { } user)
        {
            attributes[User] = user;
        }

        if (trace.Request.Session is { } session)
        {
            attributes[Session] = session;
        }

        return attributes;
    }

    private static Dictionary<string, object> Part(TraceSpan span)
    {
        var attributes = span.Attributes.ToDictionary();
        attributes[Type] = span.Name switch
        {
            TelemetryNames.ExactCache or TelemetryNames.SemanticCache or TelemetryNames.Coalesced => "RETRIEVER",
            _ when span.Name.StartsWith("execute_tool", StringComparison.Ordinal) => "TOOL",
            _ => "CHAIN",
        };
        return attributes;
    }

    private static Dictionary<string, object> Call(RequestTrace trace, TraceSpan span)
    {
        var (attributes, call) = (span.Attributes.ToDictionary(), span.Call!);
        attributes[Type] = call.Operation == TelemetryNames.Embeddings ? "EMBEDDING" : "CHAT_MODEL";
        if (call.InputTokens is not null || call.OutputTokens is not null)
        {
            var (input, output) = (call.InputTokens ?? 0, call.OutputTokens ?? 0);
            attributes[Usage] = new JsonObject { ["input_tokens"] = input, ["output_tokens"] = output, ["total_tokens"] = input + output }.ToJsonString();
        }

        if (call.Cost is { } cost)
        {
            attributes[Cost] = new JsonObject { ["total_cost"] = cost.Dollars }.ToJsonString();
        }

        if (span.Error is null)
        {
            AddContent(attributes, trace.Content);
        }

        return attributes;
    }

    private static void AddContent(Dictionary<string, object> attributes, TraceContent? content)
    {
        if (content is not null)
        {
            attributes[Inputs] = JsonSerializer.Serialize(new MLflowInputs(content.Messages), MLflowJson.Default.MLflowInputs);
            if (content.Answer is { } answer)
            {
                attributes[Outputs] = JsonSerializer.Serialize(answer, MLflowJson.Default.String);
            }
        }
    }
}
