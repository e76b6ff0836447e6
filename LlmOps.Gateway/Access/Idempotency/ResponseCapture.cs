using System.IO.Pipelines;
using LlmOps.Gateway.Pipeline;
using Microsoft.AspNetCore.Http.Features;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>Stands in for a response's body while its answer is made, to keep what is sent.</summary>
internal sealed class ResponseCapture : IHttpResponseBodyFeature
{
    private readonly IFeatureCollection _features;
    private readonly IHttpResponseBodyFeature _inner;
    private readonly GatewayRequest _request;
    private readonly CapturingWriter _writer;
    private Stream? _stream;

    /// <param name="features">The response's; it takes the body's place there, until it ends.</param>
    /// <param name="request">The request.</param>
    /// <param name="most">Largest answer that is kept, in bytes.</param>
    public ResponseCapture(IFeatureCollection features, GatewayRequest request, int most)
    {
        (_features, _inner, _request) = (features, features.GetRequiredFeature<IHttpResponseBodyFeature>(), request);
        _writer = new CapturingWriter(_inner.Writer, request, most);
        features.Set<IHttpResponseBodyFeature>(this);
    }

    /// <summary>All that was written; null where it is larger than is kept.</summary>
    public ReadOnlyMemory<byte>? Body => _writer.Body;

    /// <inheritdoc/>
    public Stream Stream => _stream ??= _writer.AsStream(leaveOpen: true);

    /// <inheritdoc/>
    public PipeWriter Writer => _writer;

    /// <summary>Gives the body its place back. What was not sent is left to <see cref="SendRestAsync"/>; of a failure it is not sent.</summary>
    public void End() => _features.Set(_inner);

    /// <summary>Sends the rest.</summary>
    public async Task SendRestAsync(CancellationToken cancellationToken) => await _writer.SendAsync(cancellationToken);

    /// <inheritdoc/>
    public void DisableBuffering() => _inner.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => _request.IsClosed ? Task.CompletedTask : _inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    /// <inheritdoc/>
    // The answer ends with its request.
    public async Task CompleteAsync() => await _writer.FlushAsync();
}
