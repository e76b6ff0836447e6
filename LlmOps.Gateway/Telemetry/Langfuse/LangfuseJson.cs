using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>Writes the JSON that Langfuse reads.</summary>
internal static class LangfuseJson
{
    // It is no part of a page; escapes would make six bytes of a letter.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SpanAttributes Attributes = new();

    /// <summary>An object.</summary>
    /// <param name="write">Writes its members.</param>
    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write) => Write(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    });

    /// <summary>Any value.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A value as the text of an attribute.</summary>
    public static string Text(Action<Utf8JsonWriter> write) => System.Text.Encoding.UTF8.GetString(Write(write).Span);

    /// <summary>A text; nothing where it is null.</summary>
    public static void WriteKnown(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>A list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>An object of texts.</summary>
    public static void WriteTextMap(this Utf8JsonWriter writer, IReadOnlyDictionary<string, string> texts)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in texts)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }

    /// <summary>An object of values.</summary>
    public static void WriteMap(this Utf8JsonWriter writer, IReadOnlyDictionary<string, object> values) => Attributes.Write(writer, values, JsonSerializerOptions.Default);

    /// <summary>What was asked.</summary>
    public static void WriteMessages(this Utf8JsonWriter writer, IEnumerable<TraceMessage> messages)
    {
        writer.WriteStartArray();
        foreach (var message in messages)
        {
            writer.WriteMessage(message.Role, message.Text);
        }

        writer.WriteEndArray();
    }

    /// <summary>A message.</summary>
    public static void WriteMessage(this Utf8JsonWriter writer, string role, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }

    /// <summary>An event of the ingestion API.</summary>
    /// <param name="id">What Langfuse knows a repetition by.</param>
    /// <param name="type">Its type, such as trace-create.</param>
    /// <param name="at">Its time.</param>
    /// <param name="environment">Langfuse's environment; null for its default.</param>
    /// <param name="write">Writes the members of its body.</param>
    public static ReadOnlyMemory<byte> Event(string id, string type, DateTimeOffset at, string? environment, Action<Utf8JsonWriter> write) => Object(json =>
    {
        json.WriteString("id", id);
        json.WriteString("type", type);
        json.WriteString("timestamp", at);
        json.WriteStartObject("body");
        json.WriteKnown("environment", environment);
        write(json);
        json.WriteEndObject();
    });

    /// <summary>Tokens and cost of a call, as the ingestion API has them; nothing where none is known.</summary>
    public static void WriteUsage(this Utf8JsonWriter writer, LedgerAttempt call)
    {
        if (call is { InputTokens: null, OutputTokens: null, Cost: null })
        {
            return;
        }

        // Never with OpenAI's names for tokens: costs would be dropped then.
        writer.WriteStartObject("usage");
        writer.WriteTokens(call);
        writer.WriteString("unit", "TOKENS");
        if (call.Cost is { } cost)
        {
            writer.WriteNumber("totalCost", cost.Dollars);
        }

        writer.WriteEndObject();
    }

    /// <summary>The tokens of a call that are known, as members: input, output and total.</summary>
    public static void WriteTokens(this Utf8JsonWriter writer, LedgerAttempt call)
    {
        if (call.InputTokens is { } input)
        {
            writer.WriteNumber("input", input);
        }

        if (call.OutputTokens is { } output)
        {
            writer.WriteNumber("output", output);
        }

        if (call.InputTokens is not null || call.OutputTokens is not null)
        {
            writer.WriteNumber("total", (call.InputTokens ?? 0) + (call.OutputTokens ?? 0));
        }
    }
}
