using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Writes one stream in OpenAI's form: server-sent events, then <c>[DONE]</c>.</summary>
internal sealed class ChunkWriter(IBufferWriter<byte> output, string model, bool includeUsage)
{
    private readonly JsonEncodedText _encodedModel = JsonEncodedText.Encode(model, Json.WriterOptions.Encoder);
    private readonly ToolCallPositions _calls = new();
    private ChatResponseUpdate? _last;
    private UsageDetails? _usage;

    /// <summary>Writes an update, if there is something in it for the caller.</summary>
    public void Write(ChatResponseUpdate update)
    {
        if (update.RawRepresentation is OpenAIPayload payload)
        {
            if (!payload.Withheld)
            {
                WritePayload(payload);
            }

            return;
        }

        _last = update;
        _usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? _usage;
        if (update is { Role: null, FinishReason: null } && update.Contents.All(content => content is UsageContent))
        {
            // Usage comes at the end, for those who asked for it.
            return;
        }

        WriteEvent(output, buffer => ChatCompletionWriter.WriteChunk(buffer, update, model, _calls, includeUsage));
    }

    /// <summary>Writes the end of a complete answer.</summary>
    public void WriteEnd()
    {
        if (includeUsage && _usage is { InputTokenCount: not null } usage)
        {
            WriteEvent(output, buffer => ChatCompletionWriter.WriteUsageChunk(buffer, _last!, model, usage));
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Writes one event whose data are the JSON that <paramref name="write"/> writes.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, Action<IBufferWriter<byte>> write)
    {
        output.Write("data: "u8);
        write(output);
        output.Write("\n\n"u8);
    }

    private void WritePayload(OpenAIPayload payload)
    {
        if (payload.Json.Span.IndexOf((byte)'\n') < 0)
        {
            WriteEvent(output, buffer => payload.WriteTo(buffer, _encodedModel));
            return;
        }

        // JSON over several lines is several data lines of one event.
        var json = new ArrayBufferWriter<byte>(payload.Json.Length + 64);
        payload.WriteTo(json, _encodedModel);
        foreach (var line in json.WrittenSpan.Split((byte)'\n'))
        {
            output.Write("data: "u8);
            output.Write(json.WrittenSpan[line]);
            output.Write("\n"u8);
        }

        output.Write("\n"u8);
    }
}
