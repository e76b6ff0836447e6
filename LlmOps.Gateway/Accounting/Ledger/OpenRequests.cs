using System.Buffers.Binary;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// The requests that have begun to spend and are not over: a mapped file of slots. A slot is the length of a line of the
/// journal, 0 where it is free, and the line. Not thread-safe.
/// </summary>
/// <param name="path">The file, NNNNNNNNNN.open; created with the first request.</param>
internal sealed class OpenRequests(string path) : IDisposable
{
    /// <summary>The longest line that is noted, in bytes. Names, labels and ids are bounded, so that none is longer.</summary>
    public const int LongestLine = SlotLength - sizeof(int);

    private const string Extension = ".open";
    private const int SlotLength = 8192;
    private const int SlotsAtOnce = 512;

    private readonly MappedFile _file = new(path, SlotsAtOnce * SlotLength);

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

    /// <summary>Whether one can be noted without more room on the disk.</summary>
    public bool HasFree => _free.Count > 0;

    /// <summary>Whether a request is open.</summary>
    public bool Contains(Guid id) => _requests.ContainsKey(id);

    /// <summary>Notes a request that is about to spend. Where that fails, its line is kept in memory (<see cref="Keep"/>).</summary>
    /// <param name="id">The request.</param>
    /// <param name="line">Its line, of at most <see cref="LongestLine"/> bytes.</param>
    /// <exception cref="IOException">No slot is free, and the disk has no room for more.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, as this user may not write there.</exception>
    public void Note(Guid id, ReadOnlySpan<byte> line)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(line.Length, LongestLine);
        if (_free.Count == 0)
        {
            GrowOrKeep(id, line);
        }

        var slot = _free.Pop();
        var offset = (long)slot * SlotLength;

        // The length last: a process that is killed before that has not begun to spend. And what was noted before is there until this is.
        _file.Write(offset + sizeof(int), line);
        WriteLength(offset, line.Length);
        Remove(id);
        _requests.Add(id, (slot, null));
    }

    /// <summary>Notes a request in memory only, unless an earlier note of it is in the file: that stays as it is.</summary>
    public void Keep(Guid id, ReadOnlySpan<byte> line)
    {
        if (!_requests.TryGetValue(id, out var noted) || noted.Line is not null)
        {
            _requests[id] = (0, line.ToArray());
        }
    }

    /// <summary>Notes those that are in memory only.</summary>
    /// <exception cref="IOException">They still cannot be noted.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void NoteKept()
    {
        foreach (var (id, (_, line)) in _requests.Where(request => request.Value.Line is not null).ToList())
        {
            Note(id, line);
        }
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

    private void WriteLength(long offset, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        _file.Write(offset, bytes);
    }

    private void GrowOrKeep(Guid id, ReadOnlySpan<byte> line)
    {
        try
        {
            Grow();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Keep(id, line);
            throw;
        }
    }

    private void Grow()
    {
        var first = (int)(_file.Length / SlotLength);
        _file.Grow();
        for (var slot = first + SlotsAtOnce - 1; slot >= first; slot--)
        {
            _free.Push(slot);
        }
    }
}
