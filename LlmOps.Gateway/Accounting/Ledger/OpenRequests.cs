using System.Buffers.Binary;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// The requests that have begun to spend and are not over: a mapped file of slots. A slot is the length of a line of the
/// journal, 0 where it is free, and the line. What cannot be noted there waits in memory. Not thread-safe.
/// </summary>
/// <param name="path">The file, NNNNNNNNNN.open; created with the first request.</param>
/// <param name="time">The clock.</param>
internal sealed class OpenRequests(string path, TimeProvider time) : IDisposable
{
    /// <summary>The longest line that is noted, in bytes. Names, labels and ids are bounded, so that none is longer.</summary>
    public const int LongestLine = SlotLength - sizeof(int);

    private const string Extension = ".open";
    private const int SlotLength = 8192;
    private const int SlotsAtOnce = 512;

    private readonly MappedFile _file = new(path, SlotsAtOnce * SlotLength);
    private readonly WriteFault _fault = new(time);

    // Those that were used last are used first: their memory is at hand.
    private readonly Stack<int> _free = new();

    // A request's slot, or its line where none could be had.
    private readonly Dictionary<Guid, (int Slot, byte[]? Line)> _requests = [];

    /// <summary>The name of the file with a number.</summary>
    public static string NameOf(long number) => $"{number:D10}{Extension}";

    /// <summary>The files of a folder; none where there is no such folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder must not be read.</exception>
    public static IReadOnlyList<JournalSegment> In(string folder) => JournalSegment.In(folder, Extension);

    /// <summary>The requests that a process which is gone has left open.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Them, and how many slots are damaged.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static (IReadOnlyList<LedgerEntry> Entries, int Damaged) Read(string path)
    {
        using var file = File.OpenRead(path);
        var slot = new byte[SlotLength];
        List<LedgerEntry> entries = [];
        var damaged = 0;
        while (file.ReadAtLeast(slot, SlotLength, throwOnEndOfStream: false) == SlotLength)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(slot);
            if (length == 0)
            {
                continue;
            }

            // Without its line feed.
            if (length is > 0 and <= LongestLine && JournalLine.Read(slot.AsSpan(sizeof(int), length - 1)) is { } entry)
            {
                entries.Add(entry);
            }
            else
            {
                damaged++;
            }
        }

        return (entries, damaged);
    }

    /// <summary>Why requests are noted in memory only; null where they are not.</summary>
    public string? Fault => _fault.Reason;

    /// <summary>Whether a request is open.</summary>
    public bool Contains(Guid id) => _requests.ContainsKey(id);

    /// <summary>Notes a request that is about to spend; in memory only where the disk has no room.</summary>
    /// <param name="id">The request.</param>
    /// <param name="line">Its line, of at most <see cref="LongestLine"/> bytes.</param>
    public void Note(Guid id, ReadOnlySpan<byte> line)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(line.Length, LongestLine);
        if (!TryFill(id, line) && (!_requests.TryGetValue(id, out var before) || before.Line is not null))
        {
            // An earlier note of it that has a slot stays as it is.
            _requests[id] = (0, line.ToArray());
        }
    }

    /// <summary>Notes those in the file that are in memory only, where it is time to try that.</summary>
    public void NoteKept()
    {
        if (_fault.Reason is null || _fault.MustWait)
        {
            return;
        }

        foreach (var (id, (_, line)) in _requests.Where(request => request.Value.Line is not null).ToList())
        {
            if (!TryFill(id, line))
            {
                return;
            }
        }

        _fault.Clear();
    }

    /// <summary>A request does not spend any more.</summary>
    public void Remove(Guid id)
    {
        if (_requests.Remove(id, out var noted) && noted.Line is null)
        {
            WriteLength((long)noted.Slot * SlotLength, 0);
            _free.Push(noted.Slot);
        }
    }

    /// <summary>Removes the file where no request is open.</summary>
    public void Dispose()
    {
        if (_requests.Count == 0)
        {
            _file.Delete();
        }
        else
        {
            _file.Dispose();
        }

        // What is still on its way says so to nobody.
        _requests.Clear();
        _free.Clear();
    }

    private bool TryFill(Guid id, ReadOnlySpan<byte> line)
    {
        if (_free.Count == 0 && !TryGrow())
        {
            return false;
        }

        var slot = _free.Pop();
        var offset = (long)slot * SlotLength;

        // The length last: a process that is killed before that has not begun to spend. And what was noted before is there until this is.
        _file.Write(offset + sizeof(int), line);
        WriteLength(offset, line.Length);
        Remove(id);
        _requests.Add(id, (slot, null));
        return true;
    }

    private void WriteLength(long offset, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        _file.Write(offset, bytes);
    }

    private bool TryGrow()
    {
        if (_fault.MustWait)
        {
            return false;
        }

        var first = (int)(_file.Length / SlotLength);
        try
        {
            _file.Grow();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _fault.Set(exception.Message);
            return false;
        }

        for (var slot = first + SlotsAtOnce - 1; slot >= first; slot--)
        {
            _free.Push(slot);
        }

        return true;
    }
}
