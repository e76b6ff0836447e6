using System.IO.Pipelines;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// A connection's two directions. What is written while earlier bytes are being sent gathers, and goes out as one.
/// </summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private const int SegmentSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly RespReader _reader;
    private readonly PipeReader _input;

    // No threshold: who writes holds a lock and must not wait; the caller looks at Unsent instead.
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: SegmentSize, useSynchronizationContext: false));
    private readonly Task _sending;
    private long _unsent;

    /// <summary>Begins to send over a stream that is connected.</summary>
    public RedisLink(RedisAddress address, Stream stream, TimeProvider time)
    {
        (Address, _stream) = (address, stream);
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: SegmentSize, leaveOpen: true));
        _reader = new RespReader(_input, time);
        _sending = SendAsync();
    }

    /// <summary>The server at the other end.</summary>
    public RedisAddress Address { get; }

    /// <summary>Bytes that are written and not yet handed to the system.</summary>
    public long Unsent => Volatile.Read(ref _unsent);

    /// <summary>When the latest bytes came, as a timestamp of the clock.</summary>
    public long LastReceived => _reader.LastReceived;

    /// <summary>Writes a command; one at a time. What comes of it, only <see cref="ReadAsync"/> tells.</summary>
    public void Write(RedisCommand command)
    {
        command.WriteTo(_output.Writer);
        Interlocked.Add(ref _unsent, _output.Writer.UnflushedBytes);
        var flush = _output.Writer.FlushAsync();
        if (flush.IsCompleted)
        {
            // Without a threshold it always is.
            flush.GetAwaiter().GetResult();
        }
    }

    /// <summary>The next answer; one at a time.</summary>
    /// <exception cref="IOException">The connection has ended or broken, or what came is no answer.</exception>
    public ValueTask<RedisReply> ReadAsync(CancellationToken cancellationToken = default) => _reader.ReadAsync(cancellationToken);

    /// <summary>Closes the connection, in the middle of whatever it does.</summary>
    public void Close() => _stream.Dispose();

    /// <summary>Closes the connection and gives its buffers back; when nothing writes or reads any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _output.Writer.CompleteAsync();
        await _sending;
        await _input.CompleteAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var result = await _output.Reader.ReadAsync();
                foreach (var segment in result.Buffer)
                {
                    await _stream.WriteAsync(segment);
                }

                await _stream.FlushAsync();
                Interlocked.Add(ref _unsent, -result.Buffer.Length);
                _output.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception)
        {
            // Whoever reads is told as well, at the latest by this.
            Close();
        }

        await _output.Reader.CompleteAsync();
    }
}
