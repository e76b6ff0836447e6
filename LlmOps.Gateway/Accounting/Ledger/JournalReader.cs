using System.Diagnostics.CodeAnalysis;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Reads a segment of the journal, passing over what is damaged.</summary>
/// <param name="path">The file.</param>
internal sealed class JournalReader(string path) : IDisposable
{
    private readonly FileStream _file = new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
    private readonly byte[] _buffer = new byte[JournalLine.Longest];
    private int _start;
    private int _end;
    private bool _skips;

    /// <summary>Lines that were damaged so far.</summary>
    public int Damaged { get; private set; }

    /// <summary>Those of them that are not of requests that were only about to spend.</summary>
    public int DamagedEntries { get; private set; }

    /// <summary>How many entries a segment has of requests that are over, without a look at whether they are damaged.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static int Count(string path)
    {
        using var reader = new JournalReader(path);
        var count = 0;
        while (reader.TryReadLine(out var line))
        {
            count += JournalLine.IsOpen(line) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Reads the next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isOpen">Whether the request was only about to spend.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool TryRead([NotNullWhen(true)] out LedgerEntry? entry, out bool isOpen)
    {
        while (TryReadLine(out var line))
        {
            isOpen = JournalLine.IsOpen(line);
            if (JournalLine.Read(line) is { } read)
            {
                entry = read;
                return true;
            }

            Damaged++;
            DamagedEntries += isOpen ? 0 : 1;
        }

        entry = null;
        isOpen = false;
        return false;
    }

    /// <summary>Counts what cannot be read as damaged.</summary>
    public void GiveUp() => Damaged++;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // The last one need not be whole; one that is too long is given in part.
    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsSpan(_start, length);
                _start += length + 1;
                if (!_skips)
                {
                    return true;
                }

                _skips = false;
                continue;
            }

            if (_start == 0 && _end == _buffer.Length)
            {
                // No line is so long: it is told once, and passed over up to its end.
                line = _buffer.AsSpan();
                (_start, _end) = (0, 0);
                if (!_skips)
                {
                    _skips = true;
                    return true;
                }

                continue;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var read = _file.Read(_buffer.AsSpan(_end));
            _end += read;
            if (read == 0)
            {
                line = _buffer.AsSpan(0, _end);
                (_start, _end) = (0, 0);
                return line.Length > 0 && !_skips;
            }
        }
    }
}
