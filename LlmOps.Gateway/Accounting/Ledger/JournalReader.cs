using System.Diagnostics.CodeAnalysis;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Reads a segment of the journal, passing over what is damaged.</summary>
/// <param name="path">The file.</param>
internal sealed class JournalReader(string path) : IDisposable
{
    private readonly FileStream _file = new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
    private readonly bool _hasZeros = JournalSegment.IsLatest(path);
    private readonly byte[] _buffer = new byte[JournalLine.Longest];
    private int _start;
    private int _end;
    private bool _skips;
    private bool _isGivenUp;

    /// <summary>Lines that were damaged so far.</summary>
    public int DamagedLines { get; private set; }

    /// <summary>The same, with what could not be read at all as one more.</summary>
    public int Damaged => DamagedLines + (_isGivenUp ? 1 : 0);

    /// <summary>How many entries a segment has, without a look at whether they are damaged.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static int Count(string path)
    {
        using var reader = new JournalReader(path);
        var count = 0;
        while (reader.TryReadEntryLine(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Reads the next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool TryRead([NotNullWhen(true)] out LedgerEntry? entry)
    {
        while (TryReadEntryLine(out var line))
        {
            if (JournalLine.Read(line) is { } read)
            {
                entry = read;
                return true;
            }

            DamagedLines++;
        }

        entry = null;
        return false;
    }

    /// <summary>Counts what cannot be read as damaged.</summary>
    public void GiveUp() => _isGivenUp = true;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Earlier versions noted here too what was about to spend; what became of it follows, or was never seen.
    private bool TryReadEntryLine(out ReadOnlySpan<byte> line)
    {
        while (TryReadLine(out line))
        {
            if (!line.StartsWith("{\"open\":"u8))
            {
                return true;
            }
        }

        return false;
    }

    // The last one need not be whole; one that is too long is given in part. A mapped file has zeros behind its lines.
    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            if (_hasZeros && _start < _end && _buffer[_start] == 0)
            {
                line = default;
                return false;
            }

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
