using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace LlmOps.Gateway.Redis;

/// <summary>Opens connections: TCP, TLS where it is asked for, logging in.</summary>
internal sealed class RedisConnector(RedisSettings settings, TimeProvider time)
{
    /// <summary>Connects to a server and logs in.</summary>
    /// <exception cref="RedisException">That failed, or took longer than ConnectTimeout.</exception>
    public async Task<(RedisLink Link, RedisHandshake Server)> ConnectAsync(RedisAddress address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.Options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        RedisLink? link = null;
        try
        {
            link = new RedisLink(address, await OpenAsync(address, either.Token), time);
            var server = await RedisHandshake.ShakeAsync(link, settings.Server, either.Token);
            (var connected, link) = (link, null);
            return (connected, server);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw RedisException.Unavailable($"connecting took longer than {settings.Options.ConnectTimeout.TotalSeconds:0.###} s");
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            throw RedisException.Unavailable(Why(exception), cause: exception);
        }
        finally
        {
            if (link is not null)
            {
                await link.DisposeAsync();
            }
        }
    }

    /// <summary>Why a connection could not be made, or ended.</summary>
    public static string Why(Exception exception) => exception switch
    {
        RespException resp => $"the server sent {resp.Message}",
        AuthenticationException => "TLS failed: " + exception.Message.TrimEnd('.'),
        EndOfStreamException => "the server closed the connection",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "the connection was refused",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "the host name is unknown",
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: var code } => $"the connection failed ({code})",
        _ => "the connection failed",
    };

    private async Task<Stream> OpenAsync(RedisAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (settings.Server.UsesTls)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(TlsOptions(address), cancellationToken);
            }

            return stream;
        }
        catch
        {
            await (stream?.DisposeAsync() ?? default);
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions TlsOptions(RedisAddress address)
    {
        var revocation = settings.Server.ChecksRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Server.TlsHost ?? address.Host, CertificateRevocationCheckMode = revocation };
        if (settings.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = revocation };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
