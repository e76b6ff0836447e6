namespace LlmOps.Tests.Fakes;

/// <summary>Ways to cut bytes into pieces, for tests that a reader does not care where its reads end.</summary>
internal static class ByteSplit
{
    /// <summary>Every way to cut <paramref name="bytes"/> in two non-empty pieces: one way per inner boundary.</summary>
    public static IEnumerable<byte[][]> AtEachBoundary(byte[] bytes) =>
        Enumerable.Range(1, Math.Max(0, bytes.Length - 1)).Select(at => At(bytes, at));

    /// <summary>One piece per byte.</summary>
    public static byte[][] EveryByte(byte[] bytes) => [.. bytes.Select(single => new[] { single })];

    /// <summary>Cuts before each of the <paramref name="offsets"/>, which must rise and lie inside the bytes.</summary>
    public static byte[][] At(byte[] bytes, params int[] offsets)
    {
        List<byte[]> pieces = [];
        int start = 0;
        foreach (int end in (IEnumerable<int>)[.. offsets, bytes.Length])
        {
            if (end <= start || end > bytes.Length)
                throw new ArgumentOutOfRangeException(nameof(offsets), end, "Offsets must rise and leave no piece empty.");
            pieces.Add(bytes[start..end]);
            start = end;
        }
        return [.. pieces];
    }
}
