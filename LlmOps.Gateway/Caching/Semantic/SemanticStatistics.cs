using System.Collections.Concurrent;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>What the semantic cache has done since the start of this process. Thread-safe.</summary>
internal sealed class SemanticStatistics
{
    private readonly ConcurrentDictionary<string, long> _refusals = new();
    private long _lookups;
    private long _wouldBe;
    private long _compared;
    private long _identical;
    private long _agreeing;
    private double _overlap;

    /// <summary>Questions that were looked for.</summary>
    public long Lookups => Interlocked.Read(ref _lookups);

    /// <summary>Questions that would have been answered, in shadow mode.</summary>
    public long WouldBe => Interlocked.Read(ref _wouldBe);

    /// <summary>How often the nearest question was refused, by the reason.</summary>
    public IReadOnlyDictionary<string, long> Refusals => _refusals;

    /// <summary>Answers that were compared with what would have been given.</summary>
    public long Compared => Interlocked.Read(ref _compared);

    /// <summary>Those that were the same, but for letter case and white space.</summary>
    public long Identical => Interlocked.Read(ref _identical);

    /// <summary>Those that agreed (<see cref="AnswerOverlap"/>).</summary>
    public long Agreeing => Interlocked.Read(ref _agreeing);

    /// <summary>Mean overlap of their words, 0 to 1; null while none was compared.</summary>
    public double? Overlap => Compared is 0 ? null : Volatile.Read(ref _overlap) / Compared;

    /// <summary>Counts a look-up.</summary>
    public void Looked(SemanticUse use)
    {
        Interlocked.Increment(ref _lookups);
        if (use.WouldBe is not null)
        {
            Interlocked.Increment(ref _wouldBe);
        }

        if (use.Refusal is { } reason)
        {
            _refusals.AddOrUpdate(reason, 1, static (_, count) => count + 1);
        }
    }

    /// <summary>Counts a comparison of what would have been given with the fresh answer.</summary>
    public void Add(AnswerOverlap overlap)
    {
        Interlocked.Increment(ref _compared);
        if (overlap.IsIdentical)
        {
            Interlocked.Increment(ref _identical);
        }

        if (overlap.Agrees)
        {
            Interlocked.Increment(ref _agreeing);
        }

        for (var before = Volatile.Read(ref _overlap); ;)
        {
            var now = Interlocked.CompareExchange(ref _overlap, before + overlap.Share, before);
            if (now.Equals(before))
            {
                return;
            }

            before = now;
        }
    }
}
