namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>Bounds how long the end of a session takes: the MCP client waits for it for ever, and whoever closes a connection would with it.</summary>
internal sealed class BoundedEnd(TimeSpan most, TimeProvider time, HttpMessageHandler innerHandler) : DelegatingHandler(innerHandler)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Delete)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        using var timeout = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return await base.SendAsync(request, either.Token);
    }
}
