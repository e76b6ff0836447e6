using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>A command and its arguments, and how it is written.</summary>
/// <param name="Name">Its name; ASCII.</param>
/// <param name="Arguments">Its arguments.</param>
internal readonly record struct RedisCommand(string Name, params RedisArgument[] Arguments)
{
    private const int LongestNumber = 16;

    private static readonly FrozenSet<string> NotShared = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "AUTH", "HELLO", "SELECT", "RESET", "QUIT", "MONITOR", "SYNC", "PSYNC", "CLIENT", "ASKING", "READONLY", "READWRITE",
        "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE",
        "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "XREAD", "XREADGROUP", "WAIT", "WAITAOF");

    /// <summary>Whether it may go over a connection that others use at the same time: it neither changes that nor keeps it waiting.</summary>
    public bool CanBeShared => !NotShared.Contains(Name);

    /// <summary>Its first key; null where it has none.</summary>
    public RedisArgument? Key
    {
        get
        {
            foreach (var argument in Arguments)
            {
                if (argument.IsKey)
                {
                    return argument;
                }
            }

            return null;
        }
    }

    /// <summary>About its length on the wire, in bytes, and never less.</summary>
    public long Length
    {
        get
        {
            long length = Name.Length + (2 * LongestNumber);
            foreach (var argument in Arguments)
            {
                length += argument.Length + LongestNumber + 4;
            }

            return length;
        }
    }

    /// <summary>Writes it.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        WriteHead(output, '*', Arguments.Length + 1);
        WriteHead(output, '$', Name.Length);
        Encoding.ASCII.GetBytes(Name, output);
        output.Write("\r\n"u8);
        foreach (var argument in Arguments)
        {
            WriteHead(output, '$', argument.Length);
            argument.WriteTo(output);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteHead(IBufferWriter<byte> output, char type, int number)
    {
        var room = output.GetSpan(LongestNumber);
        room[0] = (byte)type;
        number.TryFormat(room[1..], out var length, default, CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(room[(length + 1)..]);
        output.Advance(length + 3);
    }
}
