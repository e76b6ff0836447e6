using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>
/// Events of one sink on the disk, in the order in which they are to be sent: files with a line of JSON for each, which are removed once all of
/// their lines are sent. A process that ends in between leaves the whole file, so that some events are sent twice rather than none. Thread-safe.
/// </summary>
internal sealed class Spool : IDisposable
{
    /// <summary>The folder of all sinks' spools, in the folder that belongs to the process.</summary>
    public const string FolderName = "spool";

    private const string Extension = ".jsonl";
    private const long SegmentBytes = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly long _mostBytes;
    private readonly Queue<(string Path, long Bytes)> _segments = new();
    private readonly Queue<TelemetryEvent> _head = new();
    private FileStream? _tail;
    private string? _headPath;
    private long _headBytes;
    private long _number;
    private int _damaged;

    /// <summary>Opens it, with what an earlier process has left there.</summary>
    /// <param name="folder">Its folder; it is made when there is something to keep.</param>
    /// <param name="mostBytes">The most that it takes.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    public Spool(string folder, long mostBytes)
    {
        (_folder, _mostBytes) = (folder, mostBytes);
        foreach (var path in Segments(folder))
        {
            Enqueue(path);
        }
    }

    /// <summary>Bytes on the disk.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether nothing waits in it.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _segments.Count == 0 && _head.Count == 0;
            }
        }
    }

    /// <summary>Adds an event at its end.</summary>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public bool TryAdd(TelemetryEvent telemetry)
    {
        var line = TelemetryJson.Write(telemetry);
        lock (_lock)
        {
            if (Bytes + line.Length + 1 > _mostBytes)
            {
                return false;
            }

            if (_tail is null)
            {
                var path = NextPath();
                SqliteFile.CreateFolder(_folder);
                _tail = Create(path);
                _segments.Enqueue((path, 0));
            }

            _tail.Write([.. line, (byte)'\n']);
            Bytes += line.Length + 1;
            if (_tail.Length >= SegmentBytes)
            {
                CloseTail();
            }

            return true;
        }
    }

    /// <summary>Hands what was added to the system, so that the end of the process does not lose it.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _tail?.Flush();
        }
    }

    /// <summary>The next events to send, which stay until <see cref="Remove"/>. Empty where there are none.</summary>
    /// <param name="most">The most events.</param>
    /// <param name="mostBytes">The most bytes, about; one is given in any case.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<TelemetryEvent> Next(int most, long mostBytes)
    {
        lock (_lock)
        {
            while (_head.Count == 0 && _segments.Count > 0)
            {
                RemoveHead();
                Load();
            }

            var bytes = 0L;
            return [.. _head.Take(most).TakeWhile((telemetry, index) => (bytes += telemetry.Size) <= mostBytes || index == 0)];
        }
    }

    /// <summary>The first so many are sent, or given up.</summary>
    public void Remove(int count)
    {
        lock (_lock)
        {
            for (; count > 0; count--)
            {
                _head.Dequeue();
            }

            if (_head.Count == 0)
            {
                RemoveHead();
            }
        }
    }

    /// <summary>How many lines could not be read since the last call.</summary>
    public int TakeDamaged() => Interlocked.Exchange(ref _damaged, 0);

    /// <summary>Takes over what a process that is gone has left in another folder, behind its own.</summary>
    /// <exception cref="IOException">A file cannot be moved.</exception>
    public void Adopt(string folder)
    {
        lock (_lock)
        {
            CloseTail();
            foreach (var path in Segments(folder))
            {
                var own = NextPath();
                SqliteFile.CreateFolder(_folder);
                File.Move(path, own);
                Enqueue(own);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            CloseTail();
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            // Where content is captured, it has prompts.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static IEnumerable<string> Segments(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal) : [];

    private void Enqueue(string path)
    {
        var bytes = new FileInfo(path).Length;
        _segments.Enqueue((path, bytes));
        Bytes += bytes;
        _number = Math.Max(_number, long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);
    }

    private string NextPath() => Path.Combine(_folder, (++_number).ToString("D10", CultureInfo.InvariantCulture) + Extension);

    private void CloseTail()
    {
        _tail?.Dispose();
        _tail = null;
    }

    // One file at a time is in memory.
    private void Load()
    {
        if (_segments.Count == 1)
        {
            CloseTail();
        }

        (_headPath, _) = _segments.Dequeue();
        var content = File.ReadAllBytes(_headPath).AsSpan();
        _headBytes = content.Length;
        foreach (var range in content.Split((byte)'\n'))
        {
            if (content[range] is { IsEmpty: false } line)
            {
                Read(line);
            }
        }
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        try
        {
            _head.Enqueue(TelemetryJson.Read(line));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // The process ended within a write, or a later version has written it.
            _damaged++;
        }
    }

    private void RemoveHead()
    {
        if (_headPath is not null)
        {
            File.Delete(_headPath);
            Bytes -= _headBytes;
            _headPath = null;
        }
    }
}
