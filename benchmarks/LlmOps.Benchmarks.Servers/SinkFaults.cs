namespace LlmOps.Benchmarks.Servers;

/// <summary>Which parts of what a sink is sent it fails to take.</summary>
/// <param name="choice">What decides what fails for now; null for nothing.</param>
internal sealed class SinkFaults(SeededChoice? choice)
{
    private const int OneOf = 50;

    /// <summary>All is taken.</summary>
    public static readonly SinkFaults None = new(null);

    /// <summary>Whether a request is refused for good: always, or never.</summary>
    /// <param name="request">Its id, in hexadecimal digits at the end.</param>
    public bool Refuses(string request) => choice is not null && Convert.ToInt32(request[^4..], 16) % OneOf == 0;

    /// <summary>Whether it fails this time, in one of so many.</summary>
    public bool Fails(int oneOf) => choice?.Next(oneOf) == 0;
}

/// <summary>Chance, the same in each run as far as requests come in the same order. Thread-safe.</summary>
internal sealed class SeededChoice
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(1);

    /// <summary>A number from 0 to below <paramref name="most"/>.</summary>
    public int Next(int most)
    {
        lock (_lock)
        {
            return _random.Next(most);
        }
    }
}
