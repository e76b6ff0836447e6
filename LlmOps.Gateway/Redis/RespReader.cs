using System.Buffers;
using System.IO.Pipelines;

namespace LlmOps.Gateway.Redis;

/// <summary>Reads answers from a connection, one after the other.</summary>
internal sealed class RespReader(PipeReader input, TimeProvider time)
{
    private readonly RespParser _parser = new();
    private ReadOnlySequence<byte> _buffer;
    private bool _holds;
    private bool _ended;
    private long _lastReceived = time.GetTimestamp();

    /// <summary>When the latest bytes came, as a timestamp of the clock.</summary>
    public long LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>The next answer.</summary>
    /// <exception cref="RespException">What came is none.</exception>
    /// <exception cref="IOException">The connection has ended or broken.</exception>
    public async ValueTask<RedisReply> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_holds)
            {
                if (_parser.TryRead(ref _buffer, out var reply))
                {
                    return reply;
                }

                input.AdvanceTo(_buffer.Start, _buffer.End);
                _holds = false;
            }

            if (_ended)
            {
                throw new EndOfStreamException("the server closed the connection");
            }

            var result = await input.ReadAsync(cancellationToken);
            (_buffer, _holds, _ended) = (result.Buffer, true, result.IsCompleted);
            Volatile.Write(ref _lastReceived, time.GetTimestamp());
        }
    }
}
