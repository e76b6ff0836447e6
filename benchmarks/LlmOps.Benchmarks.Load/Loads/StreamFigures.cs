namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What a run of streams measured; times in milliseconds, sorted.</summary>
/// <param name="Complete">Streams that came whole.</param>
/// <param name="Incomplete">Streams that did not, whatever the reason.</param>
/// <param name="Seconds">How long the run took.</param>
/// <param name="FirstMarks">From each request to the first content.</param>
/// <param name="Transits">From the upstream's sending of each chunk to its arrival.</param>
/// <param name="AloneShare">Share of the chunks that came one by one.</param>
internal sealed record StreamFigures(int Complete, int Incomplete, double Seconds, double[] FirstMarks, double[] Transits, double AloneShare)
{
    /// <summary>Whole streams per second.</summary>
    public double Rate => Complete / Seconds;
}
