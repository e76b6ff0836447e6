using Microsoft.Win32.SafeHandles;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Appends lines to the latest segment of a folder. They are gathered in a mapped file, so that the end of this process loses
/// none and yet many are written to the segment by one call of the system. Not thread-safe.
/// </summary>
/// <remarks>
/// The mapped file is a segment of its own for whoever reads the folder after a kill: its lines come first to last, and zeros
/// after them. One that was about to be written to the segment may stand in both.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    private const int MostGathered = 4 * JournalLine.Longest;

    private readonly string _folder;
    private readonly List<JournalSegment> _ended = [];
    private readonly MappedFile _gathered;
    private readonly byte[] _copy = new byte[MostGathered];
    private int _gatheredLength;
    private SafeFileHandle? _file;
    private string _path = "";
    private long _number;
    private long _length;

    public JournalWriter(string folder)
    {
        (_folder, _number) = (folder, JournalSegment.LatestIn(folder) + 1);
        _gathered = new MappedFile(Path.Combine(folder, JournalSegment.NameOfLatest(_number)), MostGathered);
    }

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line, of at most <see cref="JournalLine.Longest"/> bytes.</param>
    /// <exception cref="IOException">It is not written, as the disk is full or the folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, as this user may not.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        if (_gathered.Length == 0)
        {
            _gathered.Grow();
        }

        if (_gatheredLength + line.Length > MostGathered)
        {
            WriteGathered();
        }

        // Its first byte last: a line that a kill cuts short begins with a zero, and is none.
        _gathered.Write(_gatheredLength + 1, line[1..]);
        _gathered.Write(_gatheredLength, line[..1]);
        _gatheredLength += line.Length;
    }

    /// <summary>Ends the segment; the next line begins another.</summary>
    /// <exception cref="IOException">What was gathered cannot be written to it, and waits where it is.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, as this user may not.</exception>
    public void End()
    {
        if (_gatheredLength > 0)
        {
            WriteGathered();
        }

        EndFile();
    }

    /// <summary>The segments that have ended since this was last called.</summary>
    public List<JournalSegment> TakeEnded()
    {
        List<JournalSegment> taken = [.. _ended];
        _ended.Clear();
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            End();
            _gathered.Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start reads it from there.
            _gathered.Dispose();
        }
    }

    private void WriteGathered()
    {
        var file = _file ??= Open();
        var lines = _copy.AsSpan(0, _gatheredLength);
        _gathered.Read(lines);
        try
        {
            RandomAccess.Write(file, lines, _length);
        }
        catch (IOException)
        {
            // A part of it may be written, and must not stand before the next line.
            EndFile();
            throw;
        }

        _length += _gatheredLength;
        _gathered.Clear(_gatheredLength);
        _gatheredLength = 0;
    }

    private void EndFile()
    {
        if (_file is not { } file)
        {
            return;
        }

        _file = null;
        _ended.Add(new JournalSegment(_path, _length));
        try
        {
            RandomAccess.SetLength(file, _length);
        }
        catch (IOException)
        {
            // Then a part of a line stands at its end, and is told as damaged.
        }

        file.Dispose();
    }

    private SafeFileHandle Open()
    {
        _path = Path.Combine(_folder, JournalSegment.NameOf(++_number));
        _length = 0;
        return JournalSegment.Create(_path, FileAccess.Write);
    }
}
