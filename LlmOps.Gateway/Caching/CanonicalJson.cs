using System.Buffers;

namespace LlmOps.Gateway.Caching;

/// <summary>
/// Writes JSON in one form whatever the order of its members and the space between its tokens. What differs in any other
/// way, such as a number's digits or an escape, stays different: that costs a hit, never a wrong one. The JSON must be valid.
/// </summary>
internal static class CanonicalJson
{
    private const int FewMembers = 16;
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(" \t\r\n,]}"u8);

    /// <summary>Writes an object.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">The object.</param>
    /// <param name="leaveOut">Says of each of its own members' names, with their quotes, whether the member is left out.</param>
    public static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json, Func<ReadOnlySpan<byte>, bool> leaveOut)
    {
        var position = 0;
        WriteValue(output, json, ref position, leaveOut);
    }

    private static void WriteValue(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json, ref int position, Func<ReadOnlySpan<byte>, bool>? leaveOut = null)
    {
        SkipSpace(json, ref position);
        switch (json[position])
        {
            case (byte)'{':
                WriteObject(output, json, ref position, leaveOut);
                break;
            case (byte)'[':
                WriteArray(output, json, ref position);
                break;
            default:
                var start = position;
                SkipValue(json, ref position);
                output.Write(json[start..position]);
                break;
        }
    }

    private static void WriteArray(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json, ref int position)
    {
        output.Write("["u8);
        position++;
        while (!TakeEnd(json, ref position, (byte)']'))
        {
            WriteValue(output, json, ref position);
            output.Write(","u8);
        }

        output.Write("]"u8);
    }

    private static void WriteObject(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> json, ref int position, Func<ReadOnlySpan<byte>, bool>? leaveOut)
    {
        Span<Member> members = stackalloc Member[FewMembers];
        var count = 0;
        position++;
        while (!TakeEnd(json, ref position, (byte)'}'))
        {
            var name = position;
            SkipText(json, ref position);
            var nameEnd = position;
            SkipSpace(json, ref position);
            position++;
            SkipSpace(json, ref position);
            var member = new Member(name, nameEnd, position);
            SkipValue(json, ref position);
            if (leaveOut?.Invoke(json[name..nameEnd]) == true)
            {
                continue;
            }

            if (count == members.Length)
            {
                var larger = new Member[count * 2];
                members.CopyTo(larger);
                members = larger;
            }

            members[count++] = member;
        }

        members = members[..count];
        Sort(members, json);
        output.Write("{"u8);
        foreach (var member in members)
        {
            output.Write(json[member.Name..member.NameEnd]);
            output.Write(":"u8);
            var value = member.Value;
            WriteValue(output, json, ref value);
            output.Write(","u8);
        }

        output.Write("}"u8);
    }

    // Mostly few, and mostly in order already.
    private static void Sort(Span<Member> members, ReadOnlySpan<byte> json)
    {
        if (members.Length > FewMembers)
        {
            var names = new byte[members.Length][];
            for (var index = 0; index < names.Length; index++)
            {
                names[index] = json[members[index].Name..members[index].NameEnd].ToArray();
            }

            var sorted = members.ToArray();
            Array.Sort(names, sorted, Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other)));
            sorted.CopyTo(members);
            return;
        }

        for (var index = 1; index < members.Length; index++)
        {
            var member = members[index];
            var name = json[member.Name..member.NameEnd];
            var place = index;
            while (place > 0 && json[members[place - 1].Name..members[place - 1].NameEnd].SequenceCompareTo(name) > 0)
            {
                members[place] = members[place - 1];
                place--;
            }

            members[place] = member;
        }
    }

    // At the end of an object or an array, or on its next item.
    private static bool TakeEnd(ReadOnlySpan<byte> json, ref int position, byte end)
    {
        SkipSpace(json, ref position);
        if (json[position] == ',')
        {
            position++;
            SkipSpace(json, ref position);
        }

        if (json[position] != end)
        {
            return false;
        }

        position++;
        return true;
    }

    private static void SkipValue(ReadOnlySpan<byte> json, ref int position)
    {
        switch (json[position])
        {
            case (byte)'"':
                SkipText(json, ref position);
                break;
            case (byte)'{' or (byte)'[':
                SkipNested(json, ref position);
                break;
            default:
                var length = json[position..].IndexOfAny(AfterScalar);
                position = length < 0 ? json.Length : position + length;
                break;
        }
    }

    private static void SkipNested(ReadOnlySpan<byte> json, ref int position)
    {
        var depth = 0;
        do
        {
            position += json[position..].IndexOfAny(Structure);
            switch (json[position])
            {
                case (byte)'"':
                    SkipText(json, ref position);
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }

            position++;
        }
        while (depth > 0);
    }

    private static void SkipText(ReadOnlySpan<byte> json, ref int position)
    {
        position++;
        while (true)
        {
            position += json[position..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[position] == '"')
            {
                position++;
                return;
            }

            position += 2;
        }
    }

    private static void SkipSpace(ReadOnlySpan<byte> json, ref int position)
    {
        if (json[position] <= ' ')
        {
            position += json[position..].IndexOfAnyExcept(Space);
        }
    }

    private readonly record struct Member(int Name, int NameEnd, int Value);
}
