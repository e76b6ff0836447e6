using System.Text.Json;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>
/// Tool calls that grow, each under its index. Most servers send id and name first and then pieces of the arguments; Groq,
/// Mistral and Ollama send calls whole. Some give no index, or the same to all: those are taken only where it is certain what
/// belongs together.
/// </summary>
internal sealed class MergedCalls : MergedNode
{
    // As many as a stream's reader takes.
    private const int MostCalls = 128;

    private readonly MergedLength _length;
    private readonly List<Call> _calls = [];
    private bool _there;
    private bool? _numbered;

    /// <summary>A list that is null.</summary>
    public MergedCalls(MergedLength length)
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
        while (reader.NextItem())
        {
            var head = MergedHead.Read(reader);
            var call = head.Index is { } index ? Numbered(index) : Whole(head);
            call.Take(head);
            call.Value.Merge(ref reader, json);
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
        foreach (var call in _calls.OrderBy(call => call.Index))
        {
            call.Value.WriteTo(json);
        }

        json.WriteEndArray();
    }

    /// <inheritdoc/>
    public override void Check() => _calls.ForEach(call => call.Value.Check());

    private Call Numbered(int index)
    {
        if (_numbered is false)
        {
            throw Uncertain("only some tool calls have an index");
        }

        _numbered = true;
        return _calls.Find(call => call.Index == index) ?? Add(index);
    }

    // Without an index nothing says which call a piece continues.
    private Call Whole(MergedHead head)
    {
        if (_numbered is true || head.Id.IsEmpty || head.Name.IsEmpty)
        {
            throw Uncertain("a piece of a tool call has no index");
        }

        foreach (var call in _calls)
        {
            if (head.Id.SequenceEqual(call.Id))
            {
                throw Uncertain("a tool call without an index comes twice");
            }
        }

        _numbered = false;
        return Add(_calls.Count);
    }

    private Call Add(int index)
    {
        if (_calls.Count == MostCalls)
        {
            throw Uncertain($"there are more than {MostCalls} tool calls");
        }

        var call = new Call(index, new MergedObject(MergeScope.Call, _length));
        _calls.Add(call);
        return call;
    }

    private sealed class Call(int index, MergedObject value)
    {
        private bool _named;

        public int Index { get; } = index;

        public MergedObject Value { get; } = value;

        public byte[] Id { get; private set; } = [];

        // Another id is another call. So is another name; the same one is said again only if the id is too.
        public void Take(MergedHead head)
        {
            var again = !head.Id.IsEmpty && head.Id.SequenceEqual(Id);
            if ((Id.Length > 0 && !head.Id.IsEmpty && !again) || (_named && !head.Name.IsEmpty && !again))
            {
                throw Uncertain("two tool calls have one index");
            }

            Id = Id.Length > 0 ? Id : head.Id.ToArray();
            _named |= !head.Name.IsEmpty;
        }
    }
}
