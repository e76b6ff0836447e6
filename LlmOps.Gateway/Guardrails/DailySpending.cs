using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What something has cost in this process in a UTC day, with what is reserved for what is on its way. Thread-safe.</summary>
internal sealed class DailySpending(TimeProvider time)
{
    private readonly Lock _lock = new();
    private DateOnly _day;
    private long _nano;

    /// <summary>Reserves an amount.</summary>
    /// <param name="amount">The most that it can cost; null where no price is known, which only an unlimited day takes.</param>
    /// <param name="dollarsPerDay">The most of a day; null for no limit.</param>
    /// <returns>The day that it is reserved of; null where there is not as much left.</returns>
    public DateOnly? TryReserve(NanoUsd? amount, float? dollarsPerDay)
    {
        lock (_lock)
        {
            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            (_nano, _day) = (_day == today ? _nano : 0, today);
            if (dollarsPerDay is { } most && (amount is not { } wanted || _nano + wanted.Value > NanoUsd.FromDollars((decimal)most).Value))
            {
                return null;
            }

            _nano += amount?.Value ?? 0;
            return today;
        }
    }

    /// <summary>What was reserved has cost so much in truth; of a day that is over nothing is counted any more.</summary>
    public void Settle(DateOnly day, NanoUsd? reserved, NanoUsd actual)
    {
        lock (_lock)
        {
            if (day == _day)
            {
                _nano += actual.Value - (reserved?.Value ?? 0);
            }
        }
    }
}
