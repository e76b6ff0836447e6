namespace LlmOps.Gateway.Routing;

/// <summary>How long the last hundred answers took. Thread-safe.</summary>
internal sealed class RecentLatencies
{
    private const int Most = 100;
    private const int Fewest = 20;

    private readonly Lock _lock = new();
    private TimeSpan[] _latest = [];
    private int _count;

    /// <summary>The time within which 95 % of them had come (nearest rank); null while there are fewer than twenty.</summary>
    public TimeSpan? P95
    {
        get
        {
            Span<TimeSpan> sorted = stackalloc TimeSpan[Most];
            lock (_lock)
            {
                var known = Math.Min(_count, Most);
                if (known < Fewest)
                {
                    return null;
                }

                sorted = sorted[..known];
                _latest.AsSpan(0, known).CopyTo(sorted);
            }

            sorted.Sort();
            return sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1];
        }
    }

    /// <summary>Takes in a measurement.</summary>
    public void Add(TimeSpan measured)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                // Of most targets nobody ever asks for streams, or for whole answers.
                _latest = new TimeSpan[Most];
            }

            _latest[_count % Most] = measured;

            // Above the size it only tells the place, and must not overflow.
            _count = _count < 2 * Most - 1 ? _count + 1 : Most;
        }
    }
}
