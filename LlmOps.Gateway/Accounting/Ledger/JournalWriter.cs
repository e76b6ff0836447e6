using Microsoft.Win32.SafeHandles;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>
/// Appends lines to the latest segment of a folder, each by one call of the system, so that the end of this process loses none.
/// Not thread-safe.
/// </summary>
/// <param name="folder">The folder; created with the first line.</param>
internal sealed class JournalWriter(string folder)
{
    private readonly List<JournalSegment> _ended = [];
    private SafeFileHandle? _file;
    private string _path = "";
    private long _number = JournalSegment.LatestIn(folder);
    private long _length;

    /// <summary>Appends a line.</summary>
    /// <exception cref="IOException">It is not written, as the disk is full or the folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, as this user may not.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        var file = _file ??= Open();
        try
        {
            RandomAccess.Write(file, line, _length);
            _length += line.Length;
        }
        catch (IOException)
        {
            // A part of it may be written, and must not stand before the next line.
            End();
            throw;
        }
    }

    /// <summary>Ends the segment; the next line begins another.</summary>
    public void End()
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

    /// <summary>The segments that have ended since this was last called.</summary>
    public List<JournalSegment> TakeEnded()
    {
        List<JournalSegment> taken = [.. _ended];
        _ended.Clear();
        return taken;
    }

    private SafeFileHandle Open()
    {
        _path = Path.Combine(folder, JournalSegment.NameOf(++_number));
        _length = 0;
        return JournalSegment.Create(_path, FileAccess.Write);
    }
}
