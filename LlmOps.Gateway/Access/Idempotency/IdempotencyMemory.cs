namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>The answers of this process, bounded in bytes; the least recently used make way. Thread-safe.</summary>
internal sealed class IdempotencyMemory(IdempotencyStatistics statistics, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);

    // The latest used first.
    private readonly LinkedList<Entry> _used = new();
    private long _bytes;

    /// <summary>Bytes in use.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Answers that are kept.</summary>
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

    /// <summary>The answer of an id; null where there is none, or its time is over.</summary>
    public IdempotentAnswer? Find(string id)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out var node))
            {
                return null;
            }

            _used.Remove(node);
            if (node.Value.ExpiresAt <= time.GetUtcNow())
            {
                Forget(node.Value);
                return null;
            }

            _used.AddFirst(node);
            return node.Value.Answer;
        }
    }

    /// <summary>Keeps an answer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="options">For how long, and in how much memory.</param>
    public void Keep(string id, IdempotentAnswer answer, IdempotencyOptions options)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_entries.TryGetValue(id, out var before))
            {
                _used.Remove(before);
                Forget(before.Value);
            }

            _entries[id] = _used.AddFirst(new Entry(id, answer, now + options.TimeToLive));
            _bytes += answer.Size;
            while (_bytes > options.MaxMemoryBytes)
            {
                var last = _used.Last!.Value;
                _used.RemoveLast();
                Forget(last);
                if (last.ExpiresAt > now)
                {
                    statistics.Evicted();
                }
            }
        }
    }

    private void Forget(Entry entry)
    {
        _entries.Remove(entry.Id);
        _bytes -= entry.Answer.Size;
    }

    private sealed record Entry(string Id, IdempotentAnswer Answer, DateTimeOffset ExpiresAt);
}
