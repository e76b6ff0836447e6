using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What a run cost the server.</summary>
/// <param name="ProcessorSeconds">Processor time, user and system.</param>
/// <param name="AllocatedBytes">What the .NET runtime allocated; null where there is none.</param>
internal sealed record Cost(double ProcessorSeconds, long? AllocatedBytes)
{
    /// <summary>Bytes allocated in all the runs; null where no runtime told.</summary>
    public static double? Allocated(IEnumerable<Cost> costs) =>
        costs.Aggregate((double?)0, (sum, cost) => sum + cost.AllocatedBytes);

    /// <summary>What the run cost the process.</summary>
    public static async Task<(T Figures, Cost Cost)> OfAsync<T>(ServerProcess process, Func<Task<T>> run)
    {
        var (processor, counters) = (ProcessTree.ProcessorSeconds(process.Id), RuntimeCounters.Read(process));
        var figures = await run();
        return (figures, new Cost(ProcessTree.ProcessorSeconds(process.Id) - processor, RuntimeCounters.Read(process)?.AllocatedBytes - counters?.AllocatedBytes));
    }
}
