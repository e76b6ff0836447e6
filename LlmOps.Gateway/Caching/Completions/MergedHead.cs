using System.Text.Json;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>What a choice, a tool call or a block of reasoning says of which one it is, wherever in it that stands.</summary>
internal ref struct MergedHead
{
    /// <summary>Its place among the others; null where it is not told.</summary>
    public int? Index { get; private set; }

    /// <summary>Its id as it is written; empty for none.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>Its type as it is written; empty for none.</summary>
    public ReadOnlySpan<byte> Type { get; private set; }

    /// <summary>Its function's name as it is written; empty for none.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Reads what stands before the reader, which stays where it is.</summary>
    /// <exception cref="InvalidOperationException">It is no object, or its index no place.</exception>
    public static MergedHead Read(Utf8JsonReader ahead)
    {
        var head = new MergedHead();
        Open(ahead);
        while (ahead.NextMember())
        {
            if (ahead.Is("index"u8))
            {
                head.Index = ReadIndex(ref ahead);
            }
            else if (ahead.Is("id"u8))
            {
                head.Id = ReadText(ref ahead);
            }
            else if (ahead.Is("type"u8))
            {
                head.Type = ReadText(ref ahead);
            }
            else if (ahead.Is("function"u8) || ahead.Is("custom"u8))
            {
                head.ReadName(ref ahead);
            }
            else
            {
                ahead.SkipValue();
            }
        }

        return head;
    }

    /// <summary>Reads the index alone, which mostly stands first.</summary>
    /// <inheritdoc cref="Read"/>
    public static int? PlaceOf(Utf8JsonReader ahead)
    {
        Open(ahead);
        while (ahead.NextMember())
        {
            if (ahead.Is("index"u8))
            {
                return ReadIndex(ref ahead);
            }

            ahead.SkipValue();
        }

        return null;
    }

    private static void Open(in Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidOperationException("A list of the stream has something else than objects.");
        }
    }

    private static int? ReadIndex(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.Number when reader.TryGetInt32(out var index) && index >= 0 => index,
            _ => throw new InvalidOperationException("An index of the stream is no place."),
        };
    }

    private static ReadOnlySpan<byte> ReadText(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueSpan;
        }

        reader.Skip();
        return default;
    }

    private void ReadName(scoped ref Utf8JsonReader reader)
    {
        if (!reader.OpenObject())
        {
            return;
        }

        while (reader.NextMember())
        {
            if (reader.Is("name"u8))
            {
                Name = ReadText(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }
    }
}
