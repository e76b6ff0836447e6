using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>
/// Puts the chunks of a complete stream together to the completion that they are, fields that nobody here knows included;
/// see <see cref="MergeField"/>. What cannot be put together for certain fails, and is not kept: a stream that is asked for
/// again costs less than an answer that is another one.
/// </summary>
internal sealed class CompletionMerger
{
    // As many as a stream's reader takes.
    private const int MostChoices = 128;

    private readonly MergedLength _length = new() { Bytes = "{\"object\":\"chat.completion\",\"choices\":[]}".Length };
    private readonly MergedObject _root;
    private readonly List<(int Index, MergedObject Choice)> _choices = new(1);

    /// <summary>Without any chunk yet.</summary>
    public CompletionMerger() => _root = new MergedObject(MergeScope.Root, _length);

    /// <summary>Whether a chunk had usage.</summary>
    public bool HasUsage => _root.Find("usage"u8) is MergedValue { HasMembers: true };

    /// <summary>Bytes that the completion so far has, or a few more; it takes about twice as many of memory.</summary>
    public long Length => _length.Bytes;

    /// <summary>Takes in a chunk.</summary>
    /// <exception cref="InvalidOperationException">It cannot be put together with the others for certain.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        var json = chunk.Span;
        if (!Utf8.IsValid(json))
        {
            throw new InvalidOperationException("A chunk has bytes that are no text.");
        }

        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidOperationException("A chunk is no object.");
        }

        var choices = false;
        _root.Begin();
        while (reader.NextMember())
        {
            if (!reader.Is("choices"u8))
            {
                _root.MergeMember(ref reader, json);
            }
            else if (choices)
            {
                throw new InvalidOperationException("A chunk has two lists of choices.");
            }
            else
            {
                choices = true;
                AddChoices(ref reader, json);
            }
        }

        // Nothing may follow.
        reader.Read();
    }

    /// <summary>The completion so far.</summary>
    /// <exception cref="InvalidOperationException">It is none, or not whole.</exception>
    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>((int)Math.Min(Length, Array.MaxLength));
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "chat.completion"u8);
            _root.WriteMembers(json);
            json.WriteStartArray("choices"u8);
            _choices.Sort((one, other) => one.Index.CompareTo(other.Index));
            foreach (var (index, choice) in _choices)
            {
                if (choice.Find("delta"u8) is not MergedObject { IsThere: true })
                {
                    throw new InvalidOperationException("A choice has nothing of a message.");
                }

                choice.Check();
                json.WriteStartObject();
                json.WriteNumber("index"u8, index);
                choice.WriteMembers(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        // Halves of characters that have found no other half are replaced, as in answers that are not streamed.
        return WireJson.WholePairs(output.WrittenMemory).ToArray();
    }

    private void AddChoices(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidOperationException("A chunk's choices are no list.");
        }

        for (var first = true; reader.NextItem(); first = false)
        {
            var index = MergedHead.PlaceOf(reader) ?? (first ? 0 : throw new InvalidOperationException("One of several choices has no index."));
            Choice(index).Merge(ref reader, json);
        }
    }

    private MergedObject Choice(int index)
    {
        foreach (var known in _choices)
        {
            if (known.Index == index)
            {
                return known.Choice;
            }
        }

        if (_choices.Count == MostChoices)
        {
            throw new InvalidOperationException($"The stream has more than {MostChoices} choices.");
        }

        var choice = new MergedObject(MergeScope.Choice, _length);
        _length.Bytes += "\"index\":2147483647,".Length;
        _choices.Add((index, choice));
        return choice;
    }
}
