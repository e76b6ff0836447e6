using System.Text.Json;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>
/// Blocks of reasoning that grow: a chunk goes on with the block that the one before ended with, where index and type say so,
/// or begins others.
/// </summary>
internal sealed class MergedDetails : MergedNode
{
    // Far above what models have; a provider must not make us search long lists.
    private const int MostBlocks = 256;

    private readonly MergedLength _length;
    private readonly List<Block> _blocks = [];
    private bool _there;

    /// <summary>A list that is null.</summary>
    public MergedDetails(MergedLength length)
    {
        _length = length;
        length.Bytes += "null".Length;
    }

    /// <inheritdoc/>
    public override void Merge(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (!IsList(ref reader))
        {
            return;
        }

        _there = true;
        var known = _blocks.Count;
        var first = true;
        while (reader.NextItem())
        {
            var head = MergedHead.Read(reader);
            if (!(first && known > 0 && _blocks[^1].Is(head)))
            {
                Begin(head, known);
            }

            first = false;
            _blocks[^1].Value.Merge(ref reader, json);
        }
    }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter json)
    {
        if (!_there)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        _blocks.ForEach(block => block.Value.WriteTo(json));
        json.WriteEndArray();
    }

    private void Begin(MergedHead head, int known)
    {
        if (_blocks.Count == MostBlocks || (known > 0 && head.Index is null))
        {
            throw Uncertain("there are too many blocks of reasoning, or blocks without an index");
        }

        for (var place = 0; place < known; place++)
        {
            if (_blocks[place].Is(head))
            {
                throw Uncertain("an earlier block of reasoning goes on");
            }
        }

        _blocks.Add(new Block(head.Index, head.Type.ToArray(), new MergedObject(MergeScope.Detail, _length)));
    }

    private sealed class Block(int? index, byte[] type, MergedObject value)
    {
        public MergedObject Value { get; } = value;

        public bool Is(MergedHead head) => index is not null && index == head.Index && head.Type.SequenceEqual(type);
    }
}
