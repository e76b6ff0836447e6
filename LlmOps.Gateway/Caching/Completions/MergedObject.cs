using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>An object that grows, member by member.</summary>
internal sealed class MergedObject : MergedNode
{
    // Far above what a protocol has; a provider must not make us search long lists.
    private const int MostMembers = 256;

    private readonly MergeScope _scope;
    private readonly MergedLength _length;
    private readonly List<Member> _members = [];
    private bool _there;
    private int _visit;
    private int _next;

    /// <summary>An object that is null.</summary>
    public MergedObject(MergeScope scope, MergedLength length)
    {
        (_scope, _length) = (scope, length);
        length.Bytes += "null,".Length;
    }

    /// <summary>Whether a chunk had it.</summary>
    public bool IsThere => _there;

    /// <inheritdoc/>
    public override void Merge(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (!IsObject(ref reader))
        {
            return;
        }

        Begin();
        while (reader.NextMember())
        {
            MergeMember(ref reader, json);
        }
    }

    /// <summary>Begins with the members that a chunk has of it.</summary>
    public void Begin()
    {
        _there = true;
        _visit++;
        _next = 0;
    }

    /// <summary>Takes in the member whose name the reader stands on.</summary>
    /// <inheritdoc cref="Merge"/>
    public void MergeMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var member = Known(ref reader);
        if (member.Visit == _visit)
        {
            throw Uncertain("an object has two members of one name");
        }

        member.Visit = _visit;
        if (member.Value is null)
        {
            reader.SkipValue();
        }
        else
        {
            reader.Read();
            member.Value.Merge(ref reader, json);
        }
    }

    /// <summary>A member's value; null for none.</summary>
    public MergedNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var member in _members)
        {
            if (name.SequenceEqual(member.Name))
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override void WriteTo(Utf8JsonWriter json)
    {
        if (!_there)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        WriteMembers(json);
        json.WriteEndObject();
    }

    /// <summary>Writes what stands in it.</summary>
    public void WriteMembers(Utf8JsonWriter json)
    {
        foreach (var member in _members)
        {
            if (member.Value is not null)
            {
                json.WritePropertyName(member.Written);
                member.Value.WriteTo(json);
            }
        }
    }

    /// <inheritdoc/>
    public override void Check()
    {
        if (_there && _scope is MergeScope.Function or MergeScope.LegacyFunction)
        {
            CheckFunction();
        }

        foreach (var member in _members)
        {
            member.Value?.Check();
        }
    }

    // Servers that number their calls wrongly are found out here at the latest: the arguments of two are no JSON.
    private void CheckFunction()
    {
        if (Find("name"u8) is not MergedValue { HasText: true })
        {
            throw Uncertain("a function has no name");
        }

        if (Find("arguments"u8) is MergedValue { HasText: true } arguments)
        {
            try
            {
                var reader = new Utf8JsonReader(arguments.Text());
                while (reader.Read())
                {
                }
            }
            catch (JsonException exception)
            {
                throw new InvalidOperationException("The arguments of a function are not JSON.", exception);
            }
        }
    }

    // Mostly the one that followed in the chunk before too.
    private Member Known(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            // Throws for half a character.
            var plain = new byte[name.Length];
            name = plain.AsSpan(0, reader.CopyString(plain));
        }

        for (var place = _next; place < _members.Count; place++)
        {
            if (name.SequenceEqual(_members[place].Name))
            {
                _next = place + 1;
                return _members[place];
            }
        }

        for (var place = 0; place < _next; place++)
        {
            if (name.SequenceEqual(_members[place].Name))
            {
                _next = place + 1;
                return _members[place];
            }
        }

        return Add(name);
    }

    private Member Add(ReadOnlySpan<byte> name)
    {
        if (_members.Count == MostMembers)
        {
            throw Uncertain($"an object has more than {MostMembers} members");
        }

        var text = Encoding.UTF8.GetString(name);
        var field = MergeField.Of(_scope, text);
        var written = JsonEncodedText.Encode(_scope == MergeScope.Choice && text == "delta" ? "message" : text, Json.WriterOptions.Encoder);
        _length.Bytes += written.EncodedUtf8Bytes.Length + "\"\":,".Length;
        var added = new Member(name.ToArray(), written, field.Rule == MergeRule.Ignored ? null : Of(field, _length));
        _members.Add(added);
        _next = _members.Count;
        return added;
    }

    private sealed class Member(byte[] name, JsonEncodedText written, MergedNode? value)
    {
        public byte[] Name { get; } = name;

        public JsonEncodedText Written { get; } = written;

        // Null where it is of the chunks only.
        public MergedNode? Value { get; } = value;

        public int Visit { get; set; }
    }
}
