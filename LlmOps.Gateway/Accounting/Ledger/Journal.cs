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

    private const string RefusedName = "refused.damaged";

    private const int MostInMemory = 20_000;

    // The least that can be removed.
    private const long LongestSegment = 16 * 1024 * 1024;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _mostBytes;
    private readonly TimeProvider _time;
    private readonly ILogger<Journal> _logger;
    private readonly JournalWriter _writer;
    private readonly OpenRequests _open;
    private List<byte[]> _inMemory = [];
    private long _bytes;
    private long _segmentBytes;
    private long _retryAt;
    private long _retryNotesAt;
    private int _undrained;
    private bool _isDisposed;
    private long _depth;
    private long _notDurable;
    private long _dropped;
    private long _damaged;
    private string? _fault;
    private string? _notesFault;

    /// <summary>Finds what an earlier process has left in the folder.</summary>
    /// <param name="folder">The folder, which is this process's alone; created with the first line.</param>
    /// <param name="mostBytes">Most bytes on the disk.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told when lines cannot be written, and when they can be again.</param>
    public Journal(string folder, long mostBytes, TimeProvider time, ILogger<Journal> logger)
    {
        Folder = folder;
        _mostBytes = mostBytes;
        _time = time;
        _logger = logger;
        _writer = new JournalWriter(folder);
        _open = new OpenRequests(Path.Combine(folder, OpenRequests.NameOf(JournalSegment.LatestIn(folder) + 1)));
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
    public string? Fault => Volatile.Read(ref _fault) ?? Volatile.Read(ref _notesFault);

    // To fail takes longer than to write.
    private bool MustWait => _fault is not null && _time.GetTimestamp() < _retryAt;

    private bool MustWaitForNotes => _notesFault is not null && _time.GetTimestamp() < _retryNotesAt;

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

            if (MustWaitForNotes && !_open.HasFree)
            {
                _open.Keep(entry.Id, line);
                return;
            }

            try
            {
                _open.Note(entry.Id, line);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Fail(ref _notesFault, ref _retryNotesAt, exception.Message);
            }
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
            if (isWritten)
            {
                _open.Remove(entry.Id);
            }
            else if (!TryKeep(line))
            {
                _open.Remove(entry.Id);
                return;
            }

            Interlocked.Increment(ref _depth);

            // Where a segment could not be begun, the next line is to try it again.
            isFirst = _undrained++ == 0 || _fault is not null;
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
                    Fail(ref _fault, ref _retryAt, exception.Message);
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

    /// <summary>Keeps an entry that the database refuses where nobody reads it but people.</summary>
    /// <returns>Where.</returns>
    public string SetAside(LedgerEntry entry)
    {
        FoundDamaged(1);
        var path = Path.Combine(Folder, RefusedName);
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length < LongestSegment)
            {
                File.AppendAllBytes(path, JournalLine.Write(entry));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is told by its id at least.
        }

        return path;
    }

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
        if (MustWait)
        {
            return false;
        }

        if (Bytes + line.Length > _mostBytes)
        {
            Fail(ref _fault, ref _retryAt, $"it has {Bytes} bytes, and JournalMaxBytes allows {_mostBytes}");
            return false;
        }

        try
        {
            if (_segmentBytes >= LongestSegment)
            {
                BeginSegment();
            }

            _writer.Append(line);
            Interlocked.Add(ref _bytes, line.Length);
            _segmentBytes += line.Length;
            Recover(ref _fault);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(ref _fault, ref _retryAt, exception.Message);
            return false;
        }

        NoteKept();
        return true;
    }

    // Whether they can be says nothing of whether lines can be written.
    private void NoteKept()
    {
        if (_notesFault is null || MustWaitForNotes)
        {
            return;
        }

        try
        {
            _open.NoteKept();
            Recover(ref _notesFault);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(ref _notesFault, ref _retryNotesAt, exception.Message);
        }
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

    private void Fail(ref string? fault, ref long retryAt, string message)
    {
        retryAt = _time.GetTimestamp() + (long)(RetryAfter.TotalSeconds * _time.TimestampFrequency);
        if (Fault is null)
        {
            LogNotWritten(Folder, message);
        }

        fault = message;
    }

    private void Recover(ref string? fault)
    {
        if (fault is null)
        {
            return;
        }

        fault = null;
        if (Fault is null)
        {
            LogWritten();
        }
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
