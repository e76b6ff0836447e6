using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What is kept of one answer, as it comes.</summary>
internal sealed class AnswerCapture(ContentCapture capture)
{
    // More than is kept, so that what is masked is recognized before it is cut.
    private readonly StringBuilder _said = new();
    private long _length;

    /// <summary>What was said; null where nothing was.</summary>
    public string? Text => _length == 0 ? null : capture.Kept(_said.ToString(), _length);

    /// <summary>Another answer to the same.</summary>
    public AnswerCapture Another() => new(capture);

    /// <summary>Takes in a part of it.</summary>
    public void Add(IEnumerable<AIContent> contents)
    {
        foreach (var content in contents)
        {
            var text = ContentCapture.TextOf(content);
            _length += text.Length;
            if (_said.Length <= 2 * capture.MaxCharacters)
            {
                _said.Append(text);
            }
        }
    }

    /// <summary>Adds what was asked and said to the span of a call to a provider, by the conventions' JSON schemas (gen-ai-input-messages, gen-ai-output-messages, gen-ai-system-instructions).</summary>
    public void AddTo(Activity span)
    {
        var instructions = capture.Messages.TakeWhile(message => message.Role is "system" or "developer").ToList();
        if (instructions.Count > 0)
        {
            span.SetTag(TelemetryNames.SystemInstructions, Write(json => instructions.ForEach(message => WritePart(json, message.Text))));
        }

        span.SetTag(TelemetryNames.InputMessages, Write(json =>
        {
            foreach (var message in capture.Messages.Skip(instructions.Count))
            {
                WriteMessage(json, message.Role, message.Text, finishReason: null);
            }
        }));
        if (Text is { } said)
        {
            var reason = span.GetTagItem(TelemetryNames.ResponseFinishReasons) is string[] and [var first, ..] ? first : "error";
            span.SetTag(TelemetryNames.OutputMessages, Write(json => WriteMessage(json, "assistant", said, reason)));
        }
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, Json.WriterOptions))
        {
            json.WriteStartArray();
            write(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(written.ToArray());
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, string text, string? finishReason)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteStartArray("parts");
        WritePart(json, text);
        json.WriteEndArray();
        if (finishReason is not null)
        {
            json.WriteString("finish_reason", finishReason);
        }

        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("content", text);
        json.WriteEndObject();
    }
}
