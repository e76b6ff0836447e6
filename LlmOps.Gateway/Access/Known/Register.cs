namespace LlmOps.Gateway.Access.Known;

/// <summary>What is known of one kind, found by name and listed in the order of names.</summary>
internal sealed class Register<T>(IReadOnlyCollection<T> items, Func<T, string> nameOf)
    where T : class
{
    private readonly T[] _sorted = [.. items.OrderBy(nameOf, StringComparer.Ordinal)];
    private readonly Dictionary<string, T> _byName = items.ToDictionary(nameOf, StringComparer.Ordinal);

    /// <summary>How many there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>All of them.</summary>
    public IReadOnlyList<T> All => _sorted;

    /// <summary>The one of a name; null for none.</summary>
    public T? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Those whose names come after one; all of them after the empty one.</summary>
    public IEnumerable<T> After(string name)
    {
        var (low, high) = (0, _sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(nameOf(_sorted[middle]), name) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return _sorted.Skip(low);
    }
}
