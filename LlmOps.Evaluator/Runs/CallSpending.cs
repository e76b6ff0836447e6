namespace LlmOps.Evaluator.Runs;

/// <summary>
/// What calls cost, and whether another one may be paid. As much as the dearest of its kind so far is set aside for each call on its way;
/// the first of a kind goes alone, to learn what that is. Not thread-safe.
/// </summary>
/// <param name="maxCostUsd">The most US dollars; null for any.</param>
/// <param name="spentBefore">US dollars of it that the run has spent before it was interrupted.</param>
internal sealed class CallSpending(decimal? maxCostUsd, decimal spentBefore)
{
    // By kind, how many are on their way, and what the dearest so far cost; null while none has come.
    private readonly Dictionary<string, (int Running, decimal? Dearest)> _kinds = [];

    /// <summary>What was spent, without what was before.</summary>
    public CallCost Spent { get; private set; }

    /// <summary>Whether a call of the kind may begin.</summary>
    public bool Allows(string kind)
    {
        if (maxCostUsd is not { } most)
        {
            return true;
        }

        var spent = spentBefore + Spent.Usd;
        return _kinds.GetValueOrDefault(kind).Dearest is { } next && _kinds.Values.All(each => each.Running == 0 || each.Dearest is not null)
            ? spent + _kinds.Values.Sum(each => each.Running * (each.Dearest ?? 0)) + next <= most
            : _kinds.Values.All(each => each.Running == 0) && spent < most;
    }

    /// <summary>Why none of the kind may begin, in words.</summary>
    public string Refusal(string kind)
    {
        var next = _kinds.GetValueOrDefault(kind).Dearest is { } dearest ? FormattableString.Invariant($", and the next call may cost {dearest:0.######}") : "";
        return FormattableString.Invariant($"{spentBefore + Spent.Usd:0.######} of {maxCostUsd:0.######} US dollars (--max-cost) are spent{next}");
    }

    /// <summary>A call begins.</summary>
    public void Begin(string kind)
    {
        var (running, dearest) = _kinds.GetValueOrDefault(kind);
        _kinds[kind] = (running + 1, dearest);
    }

    /// <summary>A call has ended.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="cost">What it cost; nothing where it failed.</param>
    public void End(string kind, CallCost cost)
    {
        Spent += cost;
        var (running, dearest) = _kinds[kind];
        _kinds[kind] = (running - 1, cost.Calls > 0 ? Math.Max(dearest ?? 0, cost.Usd) : dearest);
    }
}
