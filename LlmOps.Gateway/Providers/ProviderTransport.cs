using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// HTTP towards providers: one pool of connections for all of them. Turns what the network does into the documented
/// failures; addresses and network details stay in the inner exception, for the log.
/// </summary>
internal sealed class ProviderTransport : IDisposable
{
    /// <summary>Largest answer that is not streamed, in bytes.</summary>
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public ProviderTransport(TimeProvider time, SslClientAuthenticationOptions? tls = null)
        : this(time, new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),

            // New addresses behind a name are noticed.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),

            // A redirect would carry prompt and key to another host; cookies would mix callers.
            AllowAutoRedirect = false,
            UseCookies = false,

            // An answer that is given up closes its connection at once, so that the provider stops working on it.
            // (Complete ones are read to their end below, and their connection is used again.)
            ResponseDrainTimeout = TimeSpan.Zero,
            ActivityHeadersPropagator = new TraceParentPropagator(),
            SslOptions = tls ?? new(),
        })
    {
    }

    /// <summary>Over another handler, for tests that feed exact bytes.</summary>
    public ProviderTransport(TimeProvider time, HttpMessageHandler handler)
    {
        _time = time;
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>Sends the request and returns when the response headers are there. What it throws, <see cref="Failure"/> turns into the documented failures.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    /// <summary>The failure that an exception of <see cref="SendAsync"/> is: no connection, or one that ended before it answered. Null where it is none of the provider's.</summary>
    public static ProviderException? Failure(string provider, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when !cancellationToken.IsCancellationRequested => Unreachable(provider, "connecting took too long", exception),
        HttpRequestException failed => failed.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => Unreachable(provider, "its host name is unknown", failed),
            HttpRequestError.SecureConnectionError => Unreachable(provider, "TLS failed", failed),
            HttpRequestError.ConnectionError => Unreachable(provider, "the connection was refused or failed", failed),
            HttpRequestError.ProxyTunnelError => Unreachable(provider, "the proxy refused", failed),
            HttpRequestError.ResponseEnded or HttpRequestError.Unknown => new ProviderException(ErrorCode.ProviderUnreachable, provider, $"Provider '{provider}' ended the connection without an answer.", innerException: Nameless(failed, failed.HttpRequestError)),
            _ => new ProviderException(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' answered with something that is not HTTP.", innerException: Nameless(failed, failed.HttpRequestError)),
        },

        // HttpClient lets through what a connection throws that is reset in the moment it is made.
        SocketException failed => Unreachable(provider, "the connection was refused or failed", failed),
        _ => null,
    };

    /// <summary>The whole body.</summary>
    /// <exception cref="ProviderException">It was cut, or is larger than <paramref name="mostBytes"/>.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(
        string provider, HttpResponseMessage response, AttemptLimits? attempt, CancellationToken cancellationToken, int mostBytes = MaxBodyBytes)
    {
        if (response.Content.Headers.ContentLength > mostBytes)
        {
            throw TooLarge(provider, mostBytes);
        }

        var told = response.Content.Headers.ContentLength;
        var body = new byte[(int)(told ?? 4096)];
        var length = 0;
        var stream = response.Content.ReadAsStream(cancellationToken);
        while (length != told)
        {
            if (length == body.Length)
            {
                Array.Resize(ref body, body.Length * 2);
            }

            var read = await ReadAsync(provider, stream, body.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length > mostBytes)
            {
                throw TooLarge(provider, mostBytes);
            }

            if (length != told)
            {
                attempt?.BodyReceived();
            }
        }

        return body.AsMemory(0, length);
    }

    /// <summary>Reads from a response; a connection that breaks is a cut answer.</summary>
    public static async ValueTask<int> ReadAsync(string provider, Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new ProviderException(ErrorCode.ProviderStreamInterrupted, provider, $"Provider '{provider}' broke off its answer.", innerException: Nameless(exception, (exception as HttpIOException)?.HttpRequestError));
        }
    }

    /// <summary>
    /// Reads what may follow a stream's terminal event, in the background and not for long, so that the connection
    /// can be used again; then disposes the response.
    /// </summary>
    public void Finish(HttpResponseMessage response, Stream stream) => _ = FinishAsync(response, stream);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task FinishAsync(HttpResponseMessage response, Stream stream)
    {
        using (response)
        {
            using var limit = new CancellationTokenSource(DrainLimit, _time);
            var buffer = ArrayPool<byte>.Shared.Rent(1024);
            try
            {
                while (await stream.ReadAsync(buffer, limit.Token) > 0)
                {
                    // Nothing after the terminal event has a meaning.
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                // The connection is then just not used again.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    // For the log. What the framework says of malformed HTTP quotes the provider's bytes, which may be a key or a prompt.
    private static IOException Nameless(Exception exception, HttpRequestError? error) =>
        new(exception.GetBaseException() is SocketException socket ? socket.Message : error?.ToString() ?? exception.GetType().Name);

    private static ProviderException TooLarge(string provider, int mostBytes) =>
        new(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' answered with more than {mostBytes} bytes.");

    private static ProviderException Unreachable(string provider, string why, Exception cause) =>
        new(ErrorCode.ProviderUnreachable, provider, $"Provider '{provider}' cannot be reached: {why}.", innerException: cause);
}
