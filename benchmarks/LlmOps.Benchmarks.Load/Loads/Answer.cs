namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What became of a request that is not streamed.</summary>
/// <param name="Status">The status; 0 where the connection broke instead.</param>
/// <param name="Body">The body of an answer that is not a 200, which tells why; empty otherwise.</param>
internal sealed record Answer(int Status, byte[] Body)
{
    /// <summary>The connection was refused or broke.</summary>
    public static readonly Answer Broken = new(0, []);
}
