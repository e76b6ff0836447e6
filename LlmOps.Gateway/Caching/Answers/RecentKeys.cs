namespace LlmOps.Gateway.Caching.Answers;

/// <summary>
/// Keys that have left the small queue not long ago, about as many as there are answers: what comes again is in use. A table
/// of places that are written over; two keys of one place may be taken for each other, which costs a place in a queue.
/// </summary>
internal sealed class RecentKeys
{
    // Of few answers more keys are remembered.
    private const int Fewest = 100;

    private (uint Mark, uint Number)[] _places = new (uint, uint)[1024];
    private uint _number;

    /// <summary>Remembers a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="answers">How many answers there are.</param>
    public void Add(CacheKey key, int answers)
    {
        if (answers > _places.Length)
        {
            _places = new (uint, uint)[2 * _places.Length];
        }

        Place(key) = (Mark(key), ++_number);
    }

    /// <summary>Whether a key was added not long ago.</summary>
    public bool Has(CacheKey key, int answers)
    {
        var (mark, number) = Place(key);
        return number != 0 && mark == Mark(key) && _number - number < Math.Max(answers, Fewest);
    }

    // The key is a hash: any part of it will do.
    private static uint Mark(CacheKey key) => (uint)key.Second;

    private ref (uint Mark, uint Number) Place(CacheKey key) => ref _places[(int)(key.Third & (uint)(_places.Length - 1))];
}
