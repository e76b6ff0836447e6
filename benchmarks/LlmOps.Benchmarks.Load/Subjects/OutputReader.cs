using System.Text;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>
/// Takes what a server writes, by a thread of its own, and keeps its end. Into a file the log of a load would be written to
/// ever new memory or to the disk, neither of which is measured.
/// </summary>
internal sealed class OutputReader
{
    private const int Most = 64 * 1024;
    private const int KeptLines = 5;
    private const int KeptBytes = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private byte[] _end = [];

    /// <param name="stream">Is read until it ends.</param>
    public OutputReader(Stream stream)
    {
        _stream = stream;
        new Thread(ReadAll) { IsBackground = true, Name = "Output" }.Start();
    }

    /// <summary>The last lines so far.</summary>
    public string End()
    {
        lock (_lock)
        {
            return string.Join('\n', Encoding.UTF8.GetString(_end).TrimEnd('\n').Split('\n').TakeLast(KeptLines));
        }
    }

    private void ReadAll()
    {
        var buffer = new byte[Most];
        try
        {
            while (_stream.Read(buffer) is > 0 and var length)
            {
                var read = buffer.AsSpan(Math.Max(0, length - KeptBytes), Math.Min(length, KeptBytes));
                lock (_lock)
                {
                    _end = read.Length == KeptBytes ? read.ToArray() : [.. _end.AsSpan(Math.Max(0, _end.Length + read.Length - KeptBytes)), .. read];
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The server has ended.
        }
    }
}
