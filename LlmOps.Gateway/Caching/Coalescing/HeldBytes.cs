namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>The memory that streams take for those who may still join them. Thread-safe.</summary>
internal sealed class HeldBytes
{
    private const long Most = 64 * 1024 * 1024;

    private long _bytes;

    /// <summary>Adds some, and returns whether it has become too much: the stream is then for nobody else to join.</summary>
    public bool Add(long bytes) => Interlocked.Add(ref _bytes, bytes) > Most;
}
