namespace LlmOps.Gateway.Functions.Kept;

/// <summary>What this process keeps, bounded in bytes; the least recently used makes way. Thread-safe.</summary>
internal sealed class KeptMemory(TimeProvider time)
{
    // About what objects and the names take beside the bytes.
    private const int Overhead = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);

    // The latest used first.
    private readonly LinkedList<Entry> _used = new();
    private long _bytes;

    /// <summary>Entries that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>What is kept under a name, for as long again; null where there is nothing.</summary>
    public byte[]? Find(string name, TimeSpan timeToLive)
    {
        lock (_lock)
        {
            if (Take(name) is not { } found)
            {
                return null;
            }

            Put(found with { ExpiresAt = time.GetUtcNow() + timeToLive });
            return found.Value;
        }
    }

    /// <summary>Keeps a value.</summary>
    public void Keep(string name, byte[] value, FunctionOptions options)
    {
        lock (_lock)
        {
            Take(name);
            var entry = new Entry(name, value, time.GetUtcNow() + options.KeptTimeToLive);
            if (entry.Size > options.KeptMemoryBytes)
            {
                // All others would make way for it, and then it as well.
                ToolMetrics.Kept("evicted");
                return;
            }

            Put(entry);
            MakeRoom(options.KeptMemoryBytes);
        }
    }

    /// <summary>Keeps a value where there is none; else it is what there is.</summary>
    /// <returns>What was there; null where this one is now.</returns>
    public byte[]? FindOrKeep(string name, byte[] value, FunctionOptions options)
    {
        lock (_lock)
        {
            if (Find(name, options.KeptTimeToLive) is { } found)
            {
                return found;
            }

            Keep(name, value, options);
            return null;
        }
    }

    /// <summary>Keeps nothing under a name any more.</summary>
    public void Remove(string name)
    {
        lock (_lock)
        {
            Take(name);
        }
    }

    private Entry? Take(string name)
    {
        if (!_entries.Remove(name, out var node))
        {
            return null;
        }

        _used.Remove(node);
        _bytes -= node.Value.Size;
        return node.Value.ExpiresAt > time.GetUtcNow() ? node.Value : null;
    }

    private void Put(Entry entry)
    {
        _entries[entry.Name] = _used.AddFirst(entry);
        _bytes += entry.Size;
    }

    private void MakeRoom(long most)
    {
        while (_bytes > most)
        {
            if (Take(_used.Last!.Value.Name) is not null)
            {
                ToolMetrics.Kept("evicted");
            }
        }
    }

    private sealed record Entry(string Name, byte[] Value, DateTimeOffset ExpiresAt)
    {
        public int Size => Value.Length + Overhead;
    }
}
