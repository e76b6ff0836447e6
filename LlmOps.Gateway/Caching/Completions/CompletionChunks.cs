using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>
/// Makes of a completion the chunks of a stream. For each choice first what stands beside the text, then the text in pieces,
/// then the tool calls, then why it ended; last the usage. All fields are kept.
/// </summary>
internal sealed class CompletionChunks : IDisposable
{
    private const int PieceLength = 50;

    // Of a long text the pieces are longer: all of them are made before the first is sent.
    private const int MostPieces = 2000;

    // As providers do. What else a completion says of itself may be long, and comes once.
    private static readonly string[] InEveryChunk = ["id", "created", "model", "system_fingerprint", "service_tier", "provider"];
    private const int LongestInEveryChunk = 256;

    private readonly JsonElement _root;
    private readonly List<JsonProperty> _rest = [];
    private readonly ArrayBufferWriter<byte> _output = new(512);
    private readonly Utf8JsonWriter _json;
    private readonly byte[] _head;

    private CompletionChunks(JsonElement root)
    {
        _root = root;
        _json = new Utf8JsonWriter(_output, Json.WriterOptions);
        _json.WriteStartObject();
        _json.WriteString("object"u8, "chat.completion.chunk"u8);
        foreach (var member in root.EnumerateObject())
        {
            if (InEveryChunk.Contains(member.Name) && JsonMarshal.GetRawUtf8Value(member.Value).Length <= LongestInEveryChunk)
            {
                member.WriteTo(_json);
            }
            else if (!member.NameEquals("object"u8) && !member.NameEquals("choices"u8) && !IsUsage(member))
            {
                _rest.Add(member);
            }
        }

        _json.WriteStartArray("choices"u8);
        _json.Flush();
        _head = _output.WrittenSpan.ToArray();
    }

    /// <summary>The chunks, each as JSON of its own.</summary>
    public static IEnumerable<byte[]> Of(ReadOnlyMemory<byte> completion)
    {
        using var document = JsonDocument.Parse(WireJson.WholePairs(completion));
        using var chunks = new CompletionChunks(document.RootElement);
        foreach (var chunk in chunks.All())
        {
            yield return chunk;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private IEnumerable<byte[]> All()
    {
        var choices = _root.GetProperty("choices"u8);
        var last = choices.GetArrayLength() - 1;
        for (var place = 0; place <= last; place++)
        {
            foreach (var chunk in OfChoice(choices[place], place, isLast: place == last))
            {
                yield return chunk;
            }
        }

        foreach (var member in _root.EnumerateObject().Where(IsUsage))
        {
            Begin();
            yield return End(member);
        }
    }

    private static bool IsUsage(JsonProperty member) => member.NameEquals("usage"u8) && member.Value.ValueKind == JsonValueKind.Object;

    private IEnumerable<byte[]> OfChoice(JsonElement choice, int place, bool isLast)
    {
        var message = choice.GetProperty("message"u8);
        var text = message.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "";
        var calls = message.TryGetProperty("tool_calls"u8, out var given) && given.ValueKind == JsonValueKind.Array ? given.GetArrayLength() : 0;

        // Log probabilities are the text's as a whole: cut up, they would belong to other pieces.
        var hasLogprobs = choice.TryGetProperty("logprobs"u8, out var logprobs);
        var pieceLength = hasLogprobs && logprobs.ValueKind != JsonValueKind.Null ? text.Length : Math.Max(PieceLength, text.Length / MostPieces);
        JsonElement? beside = hasLogprobs && logprobs.ValueKind == JsonValueKind.Null ? logprobs : null;

        BeginDelta(choice, place);
        WriteMessage(message, text, calls);
        yield return EndDelta(beside);

        for (var start = 0; start < text.Length;)
        {
            var end = EndOfPiece(text, start, pieceLength);
            BeginDelta(choice, place);
            _json.WriteString("content"u8, text.AsSpan(start, end - start));
            yield return EndDelta(hasLogprobs ? logprobs : null);
            start = end;
        }

        for (var number = 0; number < calls; number++)
        {
            BeginDelta(choice, place);
            WriteCall(given[number], number);
            yield return EndDelta(beside);
        }

        BeginDelta(choice, place);
        yield return EndChoice(choice, hasLogprobs && (text.Length == 0 || beside is not null) ? logprobs : null, isLast ? [.. _rest] : []);
    }

    private void Begin()
    {
        _output.ResetWrittenCount();
        _output.Write(_head);
        _json.Reset();
    }

    private byte[] End(params ReadOnlySpan<JsonProperty> beside)
    {
        _json.Flush();
        _output.Write("]"u8);
        foreach (var member in beside)
        {
            // The writer would not begin with a comma.
            _output.Write(","u8);
            _json.Reset();
            member.WriteTo(_json);
            _json.Flush();
        }

        _output.Write("}"u8);
        return _output.WrittenSpan.ToArray();
    }

    private void BeginDelta(JsonElement choice, int place)
    {
        Begin();
        _json.WriteStartObject();

        // Some servers leave it out of whole answers.
        _json.WriteNumber("index"u8, choice.TryGetProperty("index"u8, out var given) && given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var index) ? index : place);
        _json.WriteStartObject("delta"u8);
    }

    private byte[] EndDelta(JsonElement? logprobs)
    {
        _json.WriteEndObject();
        WriteLogprobs(logprobs);
        _json.WriteNull("finish_reason"u8);
        _json.WriteEndObject();
        return End();
    }

    private byte[] EndChoice(JsonElement choice, JsonElement? logprobs, ReadOnlySpan<JsonProperty> beside)
    {
        _json.WriteEndObject();
        WriteLogprobs(logprobs);
        foreach (var member in choice.EnumerateObject())
        {
            if (!member.NameEquals("message"u8) && !member.NameEquals("index"u8) && !member.NameEquals("delta"u8) && !member.NameEquals("logprobs"u8))
            {
                member.WriteTo(_json);
            }
        }

        _json.WriteEndObject();
        return End(beside);
    }

    private void WriteLogprobs(JsonElement? logprobs)
    {
        if (logprobs is { } value)
        {
            _json.WritePropertyName("logprobs"u8);
            value.WriteTo(_json);
        }
    }

    private void WriteMessage(JsonElement message, string text, int calls)
    {
        foreach (var member in message.EnumerateObject())
        {
            if (member.NameEquals("content"u8) && text.Length > 0)
            {
                _json.WriteString("content"u8, ""u8);
            }
            else if (calls == 0 || !member.NameEquals("tool_calls"u8))
            {
                member.WriteTo(_json);
            }
        }
    }

    private void WriteCall(JsonElement call, int number)
    {
        _json.WriteStartArray("tool_calls"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, number);
        foreach (var member in call.EnumerateObject())
        {
            if (!member.NameEquals("index"u8))
            {
                member.WriteTo(_json);
            }
        }

        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    // Not between the halves of a surrogate pair.
    private static int EndOfPiece(string text, int start, int length)
    {
        var end = (int)Math.Min((long)start + length, text.Length);
        return end < text.Length && char.IsLowSurrogate(text[end]) ? end + 1 : end;
    }
}
