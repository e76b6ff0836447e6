namespace LlmOps.Gateway.Statistics;

/// <summary>Random bits (Steele, Lea, Flood 2014), in less time than <see cref="Random"/> needs for one number: resampling draws hundreds of millions.</summary>
/// <param name="seed">The same seed gives the same bits.</param>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 of them.</summary>
    public ulong Next()
    {
        var bits = _state += 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
