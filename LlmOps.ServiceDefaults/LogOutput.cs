using System.Buffers;

namespace LlmOps.ServiceDefaults;

/// <summary>
/// Takes the log's lines to a stream by a thread of its own, many in one system call. Where the stream takes nothing for so
/// long that <see cref="MostPendingBytes"/> have gathered, lines are left out and counted: a full pipe must not stop the
/// service.
/// </summary>
internal sealed class LogOutput : IDisposable
{
    /// <summary>Lines wait in memory for the stream up to this.</summary>
    public const int MostPendingBytes = 8 * 1024 * 1024;

    private const int FirstBuffer = 64 * 1024;
    private const int LargestKept = 1024 * 1024;
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    private readonly Stream _stream;
    private readonly Func<long, ReadOnlySpan<byte>> _leftOutLine;
    private readonly Thread _writer;

    // Nobody is in a hurry here: to spin before sleeping would take the time from requests.
    private readonly ManualResetEventSlim _firstLine = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _hurry = new(initialState: false, spinCount: 0);
    private readonly Lock _lock = new();
    private ArrayBufferWriter<byte> _pending = new(FirstBuffer);
    private ArrayBufferWriter<byte> _taken = new(FirstBuffer);
    private bool _writerWaits = true;
    private volatile bool _stopping;
    private long _leftOut;

    /// <summary>Begins to write.</summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="leftOutLine">The line that tells how many were left out.</param>
    public LogOutput(Stream stream, Func<long, ReadOnlySpan<byte>> leftOutLine)
    {
        _stream = stream;
        _leftOutLine = leftOutLine;
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "Log" };
        _writer.Start();
    }

    /// <summary>Adds a line, which is copied.</summary>
    /// <param name="line">The line with its end.</param>
    /// <param name="urgent">True for what should be written at once: it may tell of the end of the process.</param>
    public void Add(ReadOnlySpan<byte> line, bool urgent)
    {
        lock (_lock)
        {
            if (_pending.WrittenCount + line.Length > MostPendingBytes)
            {
                _leftOut++;
                return;
            }

            _pending.Write(line);
            if (_writerWaits)
            {
                _writerWaits = false;
                _firstLine.Set();
            }
        }

        if (urgent)
        {
            _hurry.Set();
        }
    }

    /// <summary>Writes what is still there, as far as the stream takes it.</summary>
    public void Dispose()
    {
        _stopping = true;
        _hurry.Set();
        _firstLine.Set();

        // A stream that takes nothing must not keep the process from its end.
        _writer.Join(LongestFarewell);
    }

    // Under load nobody is woken: lines gather while the writer counts to GatherTime.
    private void WriteAll()
    {
        while (!_stopping)
        {
            _firstLine.Wait();
            if (_hurry.Wait(GatherTime))
            {
                _hurry.Reset();
            }

            WritePending();
        }

        WritePending();
    }

    private void WritePending()
    {
        lock (_lock)
        {
            if (_leftOut > 0)
            {
                _pending.Write(_leftOutLine(_leftOut));
                _leftOut = 0;
            }

            if (_pending.WrittenCount == 0)
            {
                _writerWaits = true;
                _firstLine.Reset();
                return;
            }

            (_pending, _taken) = (_taken, _pending);
        }

        try
        {
            _stream.Write(_taken.WrittenSpan);
            _stream.Flush();
        }
        catch (Exception)
        {
            // Nobody reads any more. There is no other place to say so, and a log that cannot be written must not end the process.
        }

        if (_taken.Capacity > LargestKept)
        {
            _taken = new(FirstBuffer);
        }

        _taken.ResetWrittenCount();
    }
}
