using System.Buffers;
using System.IO.Pipelines;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>
/// Passes an answer's bytes on as they are flushed, and keeps them. Once the request is closed, which it is before the last of
/// its answer is sent, it holds them back: until the answer is kept, nobody may have seen its end.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="request">The request.</param>
/// <param name="most">Largest answer that is kept, in bytes.</param>
internal sealed class CapturingWriter(PipeWriter output, GatewayRequest request, int most) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _written = new(4096);
    private int _sent;
    private bool _isTooLarge;

    /// <summary>All that was written; null where it is larger than is kept.</summary>
    public ReadOnlyMemory<byte>? Body => _isTooLarge ? (ReadOnlyMemory<byte>?)null : _written.WrittenMemory;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _written.WrittenCount - _sent;

    /// <summary>Sends what was not sent yet.</summary>
    public ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        output.Write(_written.WrittenSpan[_sent..]);
        _sent = _written.WrittenCount;
        if (_isTooLarge)
        {
            _written.ResetWrittenCount();
            _sent = 0;
        }

        return output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => request.IsClosed ? default : SendAsync(cancellationToken);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        _written.Advance(bytes);
        _isTooLarge |= _written.WrittenCount > most;
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => output.CancelPendingFlush();

    /// <inheritdoc/>
    // The server ends the response.
    public override void Complete(Exception? exception = null)
    {
    }
}
