using System.Buffers;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Reads lines that end with LF, CRLF or CR from bytes that may be split anywhere. Written here because the framework's
/// readers have no bound on the length of a line.
/// </summary>
internal sealed class LineReader(string provider, Stream stream) : IDisposable
{
    /// <summary>Longest line, in bytes; a longer one is not the provider's protocol.</summary>
    public const int MaxLineBytes = 8 * 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(8 * 1024);
    private int _start;
    private int _end;
    private int _searched;
    private bool _skipLineFeed;
    private bool _begun;

    /// <summary>Takes the next line that is already here, without its end; it is valid until the next call of <see cref="FillAsync"/>.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        // Of a CRLF, the LF may still have been on its way when the line was taken.
        if (_skipLineFeed && _start < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_start] == '\n')
            {
                _start++;
            }
        }

        _searched = Math.Max(_searched, _start);
        var length = _buffer.AsSpan(_searched, _end - _searched).IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0)
        {
            _searched = _end;
            line = default;
            return false;
        }

        line = _buffer.AsSpan(_start, _searched + length - _start);
        _skipLineFeed = _buffer[_searched + length] == '\r';
        _start = _searched + length + 1;
        return true;
    }

    /// <summary>What the end of the stream left without a line's end; often nothing.</summary>
    public ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Waits for more bytes; false at the end of the stream.</summary>
    /// <exception cref="ProviderException">The connection broke, or a line is longer than <see cref="MaxLineBytes"/>.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = _searched = 0;
        }
        else if (_end == _buffer.Length)
        {
            MakeRoom();
        }

        var read = await ProviderTransport.ReadAsync(provider, stream, _buffer.AsMemory(_end), cancellationToken);
        _end += read;
        if (_end - _start > MaxLineBytes)
        {
            throw new ProviderException(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' sent a line of more than {MaxLineBytes} bytes.");
        }

        SkipByteOrderMark();
        return read > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // It may begin the stream, and arrive in pieces; nothing that has a meaning begins with its first bytes.
    private void SkipByteOrderMark()
    {
        if (_begun || _end - _start < 3)
        {
            return;
        }

        _begun = true;
        if (_buffer.AsSpan(_start, 3).SequenceEqual("\uFEFF"u8))
        {
            _start += 3;
        }
    }

    private void MakeRoom()
    {
        var pending = _end - _start;
        var target = _start > 0 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, pending).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        (_start, _end, _searched) = (0, pending, _searched - _start);
    }
}
