using System.Net;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access;

/// <summary>Finds out who asks and whether they may, before anything else looks at the request.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, GatewayConfiguration configuration, AdministratorKey administratorKey, ListeningAddresses addresses)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext http)
    {
        var needed = RouteAccess.Of(http.Request.Method, http.Request.Path);
        if (needed == Roles.None)
        {
            return next(http);
        }

        var principal = Authenticate(http);
        if (principal is null || !principal.Roles.HasFlag(needed))
        {
            throw new GatewayException(ErrorCode.InvalidApiKey, needed == Roles.Admin
                ? "This needs the administrator's key: Authorization: Bearer KEY."
                : "This gateway needs a valid credential: Authorization: Bearer KEY.");
        }

        http.Features.Set(principal);
        return next(http);
    }

    private Principal? Authenticate(HttpContext http)
    {
        // Clients in open mode send any key at all, for their libraries insist on one.
        if (administratorKey.Matches(Credential(http)))
        {
            return Principal.Administrator;
        }

        switch (configuration.Current.Options.Access.Mode)
        {
            case AccessMode.Open:
                return Principal.Local;
            case AccessMode.Required:
                return null;
            default:
                // The connection is looked at as well: the server may be told to listen elsewhere while it runs.
                if (!addresses.AreLoopback || http.Connection.LocalIpAddress is not { } local || !IPAddress.IsLoopback(local))
                {
                    return null;
                }

                // A web page may point a name of its own at 127.0.0.1 (DNS rebinding) and then read what we answer.
                return IsLoopback(http.Request.Host.Host)
                    ? Principal.Local
                    : throw new GatewayException(ErrorCode.HostNotAllowed, $"'{http.Request.Host.Host}' is not a loopback host name; set Gateway:Access:Mode (LLM_ENABLE_AUTH) to serve under other names.");
        }
    }

    private static bool IsLoopback(string host) =>
        host is "localhost" or "127.0.0.1"
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    // Empty where there is none.
    private static ReadOnlySpan<char> Credential(HttpContext http) =>
        http.Request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header.AsSpan(Scheme.Length).Trim()
            : [];
}
