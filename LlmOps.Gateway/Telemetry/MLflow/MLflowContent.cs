using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>Prompts and answers as an artifact: one file for the requests that are told together, one line for each of them.</summary>
internal static class MLflowContent
{
    /// <summary>The file's path within the run: the same however often these requests are sent, so that it is written over.</summary>
    public static string PathOf(RequestTrace first) =>
        $"requests/{first.Request.At.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}-{first.EventId:N}.jsonl";

    /// <summary>The lines of those whose content is captured.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<RequestTrace> captured)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var trace in captured)
        {
            var request = trace.Request;
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(
                new MLflowLine(request.Id, request.RequestId, request.At, request.Model, request.Prompt, request.PromptVersion, request.Outcome, trace.Content!.Messages, trace.Content.Answer),
                MLflowJson.Default.MLflowLine));
            lines.Write("\n"u8);
        }

        return lines.WrittenMemory;
    }
}

/// <summary>A line of the artifact.</summary>
internal sealed record MLflowLine(
    Guid Id, string RequestId, DateTimeOffset Time, string? Model, string? Prompt, string? PromptVersion, string Outcome, IReadOnlyList<TraceMessage> Messages, string? Answer);

/// <summary>What a span was given.</summary>
internal sealed record MLflowInputs(IReadOnlyList<MLflowMessage> Messages)
{
    /// <summary>Those of a conversation.</summary>
    public MLflowInputs(IReadOnlyList<TraceMessage> messages)
        : this([.. messages.Select(message => new MLflowMessage(message.Role, message.Text))])
    {
    }
}

/// <summary>A message in OpenAI's form, which MLflow shows as a conversation.</summary>
internal sealed record MLflowMessage(string Role, string Content);

/// <summary>What MLflow is sent of prompts and answers, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MLflowLine))]
[JsonSerializable(typeof(MLflowInputs))]
[JsonSerializable(typeof(string))]
internal sealed partial class MLflowJson : JsonSerializerContext;
