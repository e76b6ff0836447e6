namespace LlmOps.Gateway.Redis;

/// <summary>Which hash slot of a cluster a key is in.</summary>
internal static class RedisSlots
{
    /// <summary>How many there are.</summary>
    public const int Count = 16_384;

    // CRC-16/XMODEM, of a byte at a time.
    private static readonly ushort[] Table = [.. Enumerable.Range(0, 256).Select(value => Reduce((ushort)(value << 8)))];

    /// <summary>The slot of a key: of what stands between its first { and the next }, if that is not empty, else of all of it.</summary>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        var length = open < 0 ? -1 : key[(open + 1)..].IndexOf((byte)'}');
        var hashed = length > 0 ? key.Slice(open + 1, length) : key;
        ushort crc = 0;
        foreach (var value in hashed)
        {
            crc = (ushort)((crc << 8) ^ Table[((crc >> 8) ^ value) & 0xFF]);
        }

        return crc % Count;
    }

    private static ushort Reduce(ushort crc)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (ushort)((crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1021);
        }

        return crc;
    }
}
