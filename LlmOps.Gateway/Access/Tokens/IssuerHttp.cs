using LlmOps.Gateway.Outgoing;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>How issuers are reached: they themselves as the configuration says, what their documents name only where it is public.</summary>
internal sealed class IssuerHttp(CheckedConnector connector) : IDisposable
{
    private readonly HttpMessageInvoker _checked = new(connector.CreateHandler());

    /// <summary>For addresses that the configuration names.</summary>
    public HttpMessageInvoker Trusted { get; } = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
    });

    /// <summary>How to reach what an issuer's document names.</summary>
    /// <param name="issuer">The issuer's address.</param>
    /// <param name="allowsPrivateHosts">Whether other hosts than the issuer's own may be in a private network.</param>
    /// <param name="text">The address as the document has it.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public (HttpMessageInvoker Http, Uri Address) For(string issuer, bool allowsPrivateHosts, string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            throw new InvalidDataException("its jwks_uri is no https address");
        }

        var isOwn = Uri.Compare(address, new Uri(issuer), UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
        return (isOwn || allowsPrivateHosts ? Trusted : _checked, address);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checked.Dispose();
        Trusted.Dispose();
    }
}
