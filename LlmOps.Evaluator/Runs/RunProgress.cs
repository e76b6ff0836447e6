namespace LlmOps.Evaluator.Runs;

/// <summary>How far a run is.</summary>
/// <param name="total">How many answers it is to have.</param>
internal sealed class RunProgress(int total)
{
    private int _done;
    private int _failed;
    private long _reused;

    /// <summary>How many answers it is to have.</summary>
    public int Total => total;

    /// <summary>Answers that are there and scored, or failed.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Those of them that failed.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Answers and scores that were there from before.</summary>
    public long Reused => Interlocked.Read(ref _reused);

    /// <summary>An answer is there and scored, or has failed.</summary>
    public void Finished(bool failed)
    {
        if (failed)
        {
            Interlocked.Increment(ref _failed);
        }

        Interlocked.Increment(ref _done);
    }

    /// <summary>An answer or a score was there from before.</summary>
    public void Found() => Interlocked.Increment(ref _reused);
}
