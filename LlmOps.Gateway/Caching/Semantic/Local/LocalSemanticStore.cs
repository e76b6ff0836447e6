using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>Keeps answered questions in this process, and in a file where there is a folder for it.</summary>
internal sealed partial class LocalSemanticStore : ISemanticStore, IHostedService, IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    // The other half of the cores is the requests'.
    private static readonly int LinkingThreads = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly LocalStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LocalSemanticStore> _logger;
    private readonly LocalEntries _entries;
    private readonly Lazy<SemanticJournal?> _lazyJournal;
    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isRunning;
    private ITimer? _timer;
    private Task _linking = Task.CompletedTask;

    /// <param name="options">How much, and where.</param>
    /// <param name="time">What entries expire by.</param>
    /// <param name="logger">Is told once of each way in which the file fails.</param>
    public LocalSemanticStore(LocalStoreOptions options, TimeProvider time, ILogger<LocalSemanticStore> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _entries = new LocalEntries(options.MaxEntries, options.MaxBytes, time);
        _lazyJournal = new Lazy<SemanticJournal?>(OpenJournal);
    }

    /// <inheritdoc/>
    public int? Count => _entries.Count;

    /// <inheritdoc/>
    public long? Bytes => _entries.Bytes;

    /// <summary>Scopes and embeddings of which there are entries.</summary>
    public int Partitions => _entries.Partitions;

    /// <summary>Entries that every search in their partition still compares, as they are not linked yet.</summary>
    public int Unlinked => _entries.Unlinked;

    /// <inheritdoc/>
    /// <remarks>They are in memory all the same, but do not survive a restart.</remarks>
    public long Dropped => _lazyJournal.IsValueCreated ? _lazyJournal.Value?.Dropped ?? 0 : 0;

    // Before the start, and after the end, there is none.
    private SemanticJournal? Journal => _isRunning ? _lazyJournal.Value : null;

    /// <inheritdoc/>
    public string Name => "index";

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    /// <remarks>The entries have no vectors: those are kept in one place only.</remarks>
    public ValueTask<IReadOnlyList<SemanticCandidate>?> SearchAsync(
        EmbeddingSpace space, CacheKey scope, ReadOnlyMemory<float> vector, float threshold, int limit, CancellationToken cancellationToken)
    {
        Journal?.Know(space);
        return ValueTask.FromResult<IReadOnlyList<SemanticCandidate>?>(_entries.Search(space, scope, vector.Span, threshold, limit));
    }

    /// <inheritdoc/>
    public Task KeepAsync(SemanticEntry entry, Func<bool> isCurrent)
    {
        Journal?.Know(entry.Space);
        if (_entries.Keep(entry, isCurrent))
        {
            Journal?.Keep(entry);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(EmbeddingSpace space, Guid id)
    {
        _entries.Remove(id);
        Journal?.Remove(id);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<bool> ClearAsync(string scope)
    {
        var cleared = ClearedScope.Of(scope);
        _entries.Clear(cleared);
        if (_lazyJournal.IsValueCreated || HasFile)
        {
            return await (Journal?.ClearAsync(cleared) ?? Task.FromResult(false));
        }

        return true;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _isRunning = true;
        if (_options.OpensAtStart)
        {
            _ = Journal;
        }

        _linking = Task.Run(LinkAsync, CancellationToken.None);
        _timer = _time.CreateTimer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        await _stopping.CancelAsync();
        _entries.Complete();
        await _linking;
        _isRunning = false;
        await (_lazyJournal.IsValueCreated ? _lazyJournal.Value?.StopAsync() ?? Task.CompletedTask : Task.CompletedTask);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Not the source of cancellation, which holds nothing: a host that ends in two ways at once stops after this.
        _timer?.Dispose();
    }

    // Of an earlier run, when the semantic cache was on.
    private bool HasFile => _options.Folder is not null && File.Exists(Path.Combine(_options.Folder, SemanticFile.Name));

    private SemanticJournal? OpenJournal()
    {
        if (_options.Folder is null)
        {
            return null;
        }

        var journal = new SemanticJournal(new SemanticFile(_options, _logger), _entries, _time, _logger);
        journal.Start();
        return journal;
    }

    private void Sweep()
    {
        _entries.Sweep();
        if (_lazyJournal.IsValueCreated)
        {
            Journal?.Sweep();
        }
    }

    private async Task LinkAsync()
    {
        await foreach (var partition in _entries.ToLink.ReadAllAsync())
        {
            try
            {
                partition.Link(LinkingThreads, _stopping.Token);
            }
            catch (Exception exception)
            {
                // What is not linked is compared each time: slower, and found all the same.
                LogNotLinked(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Entries of the semantic cache could not be linked.")]
    private partial void LogNotLinked(Exception exception);
}
