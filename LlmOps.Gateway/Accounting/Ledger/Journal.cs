namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// What is to go into the database, on the disk until it is there. A line is written before its request is answered, where the
/// end of this process does not lose it. Requests that have begun to spend and are not over stand beside it
/// (<see cref="OpenRequests"/>). Where lines cannot be written, they wait in memory. Thread-safe.
/// </summary>
internal sealed partial class Journal : IDisposable
{
    /// <summary>The folder's name, in the folder of a process.</summary>
    public const string FolderName = "journal";

    private const int MostInMemory = 20_000;

    // The least that can be removed.
    private const long LongestSegment = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly long _mostBytes;
    private readonly ILogger<Journal> _logger;
    private readonly JournalWriter _writer;
    private readonly OpenRequests _open;
    private readonly WriteFault _fault;
    private List<byte[]> _inMemory = [];
    private long _bytes;
    private long _segmentBytes;
    private int _undrained;
    private bool _isDisposed;
    private long _depth;
    private long _notDurable;
    private long _dropped;
    private long _damaged;
    private bool _isFaultTold;

    /// <summary>Finds what an earlier process has left in the folder.</summary>
    /// <param name="folder">The folder, which is this process's alone; created with the first line.</param>
    /// <param name="mostBytes">Most bytes on the disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told when lines cannot be written, and when they can be again.</param>
    public Journal(string folder, long mostBytes, TimeProvider time, ILogger<Journal> logger)
    {
        Folder = folder;
        _mostBytes = mostBytes;
        _logger = logger;
        _fault = new WriteFault(time);
        _writer = new JournalWriter(folder);
        _open = new OpenRequests(Path.Combine(folder, OpenRequests.NameOf(JournalSegment.LatestIn(folder) + 1)), time);
        try
        {
            (LeftBehind, LeftOpen) = (JournalSegment.In(folder), OpenRequests.In(folder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            (LeftBehind, LeftOpen) = ([], []);
            LogNotListed(exception, folder);
        }

        _bytes = LeftBehind.Concat(LeftOpen).Sum(segment => segment.Bytes);
    }

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>What an earlier process left here.</summary>
    public IReadOnlyList<JournalSegment> LeftBehind { get; }

    /// <summary>The requests that were open when it ended.</summary>
    public IReadOnlyList<JournalSegment> LeftOpen { get; }

    /// <summary>Called when there is something to drain after there was nothing.</summary>
    public Action? Filled { get; set; }

    /// <summary>Requests that are over and not yet in the database.</summary>
    public long Depth => Interlocked.Read(ref _depth);

    /// <summary>Bytes on the disk.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Lines that waited in memory, since the start of this process.</summary>
    public long NotDurable => Interlocked.Read(ref _notDurable);

    /// <summary>Lines that are lost, as there was no room in memory either.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Lines that could not be read.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Why lines, or the notes of open requests, are not written; null while they are.</summary>
    public string? Fault => _fault.Reason ?? _open.Fault;

    /// <summary>Whether a request has begun to spend, and is not over.</summary>
    public bool IsOpen(Guid id)
    {
        lock (_lock)
        {
            return _open.Contains(id);
        }
    }

    /// <summary>Notes a request that is about to spend; again, where it may spend more.</summary>
    public void Begin(LedgerEntry entry)
    {
        var line = JournalLine.Write(entry);
        if (line.Length > OpenRequests.LongestLine)
        {
            // So many attempts; their rows come with the end of the request.
            line = JournalLine.Write(entry with { Attempts = [] });
        }

        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _open.Note(entry.Id, line);
            TellFault();
        }
    }

    /// <summary>A request that was noted does not spend.</summary>
    public void Forget(Guid id)
    {
        lock (_lock)
        {
            _open.Remove(id);
        }
    }

    /// <summary>Notes a request that is over.</summary>
    public void Append(LedgerEntry entry)
    {
        var line = JournalLine.Write(entry);
        bool isFirst;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            // Under one lock, so that no segment is taken, drained and gone while the request is still open beside it. What waits in
            // memory would not outlive this process: it is open until it is recorded.
            var isWritten = TryWrite(line);
            var isKept = isWritten || TryKeep(line);
            if (isWritten || !isKept)
            {
                _open.Remove(entry.Id);
            }

            TellFault();
            if (!isKept)
            {
                return;
            }

            Interlocked.Increment(ref _depth);

            // Where a segment could not be begun, the next line is to try it again.
            isFirst = _undrained++ == 0 || _fault.Reason is not null;
        }

        if (isFirst)
        {
            Filled?.Invoke();
        }
    }

    /// <summary>Takes what is to be drained: whole segments, and lines that could not be written. Whoever has drained them says so.</summary>
    public (IReadOnlyList<JournalSegment> Segments, IReadOnlyList<byte[]> InMemory) Take()
    {
        lock (_lock)
        {
            if (_undrained > 0)
            {
                try
                {
                    BeginSegment();
                    _undrained = 0;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // What was gathered is taken by a later try.
                    _fault.Set(exception.Message);
                    TellFault();
                }
            }

            var inMemory = _inMemory;
            _inMemory = [];
            return (_writer.TakeEnded(), inMemory);
        }
    }

    /// <summary>Counts entries that were found, those of earlier processes.</summary>
    public void Found(int entries) => Interlocked.Add(ref _depth, entries);

    /// <summary>Entries are in the database.</summary>
    public void Drained(int entries) => Interlocked.Add(ref _depth, -entries);

    /// <summary>Lines could not be read.</summary>
    public void FoundDamaged(int lines) => Interlocked.Add(ref _damaged, lines);

    /// <summary>A file is on the disk no more; that of another process was never counted here.</summary>
    public void Freed(JournalSegment segment)
    {
        if (Path.GetDirectoryName(segment.Path) == Folder)
        {
            Interlocked.Add(ref _bytes, -segment.Bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _writer.Dispose();
            _open.Dispose();
        }
    }

    private void BeginSegment()
    {
        _writer.End();
        _segmentBytes = 0;
    }

    private bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (_fault.MustWait)
        {
            return false;
        }

        if (Bytes + line.Length > _mostBytes)
        {
            _fault.Set($"it has {Bytes} bytes, and JournalMaxBytes allows {_mostBytes}");
            return false;
        }

        try
        {
            if (_segmentBytes >= LongestSegment)
            {
                BeginSegment();
            }

            _writer.Append(line);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _fault.Set(exception.Message);
            return false;
        }

        Interlocked.Add(ref _bytes, line.Length);
        _segmentBytes += line.Length;
        _fault.Clear();
        _open.NoteKept();
        return true;
    }

    private bool TryKeep(ReadOnlySpan<byte> line)
    {
        if (_inMemory.Count >= MostInMemory)
        {
            if (Interlocked.Increment(ref _dropped) == 1)
            {
                LogDropped();
            }

            return false;
        }

        _inMemory.Add(line.ToArray());
        Interlocked.Increment(ref _notDurable);
        return true;
    }

    private void TellFault()
    {
        if (Fault is { } fault && !_isFaultTold)
        {
            LogNotWritten(Folder, fault);
        }
        else if (Fault is null && _isFaultTold)
        {
            LogWritten();
        }

        _isFaultTold = Fault is not null;
    }

    [LoggerMessage(LogLevel.Error, "The ledger's journal in {Folder} cannot be written: {Fault}. What requests cost waits in memory until then, and does not survive this process.")]
    private partial void LogNotWritten(string folder, string fault);

    [LoggerMessage(LogLevel.Error, "What an earlier process has left in the ledger's journal cannot be looked at ({Folder}); the next start tries again.")]
    private partial void LogNotListed(Exception exception, string folder);

    [LoggerMessage(LogLevel.Information, "The ledger's journal is written again.")]
    private partial void LogWritten();

    [LoggerMessage(LogLevel.Error, "The ledger loses entries: neither the journal nor the database takes them, and memory has no room for more.")]
    private partial void LogDropped();
}
