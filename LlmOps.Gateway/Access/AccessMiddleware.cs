using System.Net;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access;

/// <summary>Finds out who asks and whether they may, before anything else looks at the request.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next, GatewayConfiguration configuration, Credentials credentials, ListeningAddresses addresses, RequestLimiter limiter, FailureHandler failures)
{
    private const string Scheme = "Bearer ";

    // What a proxy says of its caller. That of a trusted one is taken out before this looks, and the caller is who it says.
    private static readonly string[] Forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP"];

    public Task InvokeAsync(HttpContext http)
    {
        var rule = RouteAccess.Of(http.Request.Method, http.Request.Path);
        var options = configuration.Current.Options.Access;
        var isPublic = rule.Anonymous switch
        {
            Anonymous.Always => true,
            Anonymous.OnDocs => options.PublicDocs ?? IsOpen(http, options.Mode),
            Anonymous.OnMetrics => options.PublicMetrics ?? IsOpen(http, options.Mode),
            _ => false,
        };
        if (isPublic)
        {
            // Guessing passwords is bounded, asking for health is not.
            return http.Request.Path.StartsWithSegments("/auth") ? CountAsync(http, options.Mode) : next(http);
        }

        // Nearly always it is known at once; only the keys of another issuer may have to be asked for.
        var admitted = Admit(http, rule, options.Mode);
        return admitted.IsCompletedSuccessfully ? Pass(http, options.Mode, admitted.Result) : PassAsync(http, options.Mode, admitted);
    }

    private async Task PassAsync(HttpContext http, AccessMode? mode, ValueTask<Principal> admitted)
    {
        Principal principal;
        try
        {
            principal = await admitted;
        }
        catch (Exception exception)
        {
            // Told here, for nobody further out awaits a call of a model.
            await RefuseAsync(http, mode, exception);
            return;
        }

        await Pass(http, mode, principal);
    }

    private Task Pass(HttpContext http, AccessMode? mode, Principal principal)
    {
        http.Features.Set(principal);

        // What asks a model is counted there, with all else that it takes.
        return principal.IsAnonymous && http.GetEndpoint()?.Metadata.GetMetadata<ModelCallEndpoint>() is null ? CountAsync(http, mode) : next(http);
    }

    private async Task CountAsync(HttpContext http, AccessMode? mode)
    {
        await limiter.CountAsync(http.Connection.RemoteIpAddress, IsOpen(http, mode));
        await next(http);
    }

    // Those who guess are told that they were wrong only until their address has used up its limit.
    private async Task RefuseAsync(HttpContext http, AccessMode? mode, Exception refusal)
    {
        if (refusal is GatewayException { Error.Status: StatusCodes.Status401Unauthorized })
        {
            try
            {
                await limiter.CountAsync(http.Connection.RemoteIpAddress, IsOpen(http, mode));
            }
            catch (LimitException limited)
            {
                refusal = limited;
            }
        }

        await failures.HandleAsync(http, refusal);
    }

    private ValueTask<Principal> Admit(HttpContext http, RouteRule rule, AccessMode? mode)
    {
        var isOpen = rule.Anonymous == Anonymous.InOpenMode && IsOpen(http, mode);
        var credential = Credential(http);
        try
        {
            var found = credential.IsEmpty ? default : credentials.FindAsync(credential, isNeeded: !isOpen, http.RequestAborted);
            return found.IsCompletedSuccessfully
                ? new(Check(http, rule, mode, isOpen, !credential.IsEmpty, found.Result))
                : CheckAsync(http, rule, mode, isOpen, found);
        }
        catch (GatewayException refusal)
        {
            return ValueTask.FromException<Principal>(refusal);
        }
    }

    private static async ValueTask<Principal> CheckAsync(HttpContext http, RouteRule rule, AccessMode? mode, bool isOpen, ValueTask<Principal?> found) =>
        Check(http, rule, mode, isOpen, hasCredential: true, await found);

    private static Principal Check(HttpContext http, RouteRule rule, AccessMode? mode, bool isOpen, bool hasCredential, Principal? principal)
    {
        if (principal is null && isOpen)
        {
            // A web page may point a name of its own at 127.0.0.1 (DNS rebinding) and then read what we answer.
            principal = mode == AccessMode.Open || IsLoopback(http.Request.Host.Host)
                ? Principal.Local
                : throw new GatewayException(ErrorCode.HostNotAllowed, $"'{Shown.Short(http.Request.Host.Host)}' is not a loopback host name; set Gateway:Access:Mode (LLM_ENABLE_AUTH) to serve under other names.");
        }

        if (principal is null)
        {
            throw new GatewayException(ErrorCode.InvalidApiKey, hasCredential
                ? "The credential is not known to this gateway; expected Authorization: Bearer KEY."
                : "This needs a credential: Authorization: Bearer KEY.");
        }

        return (principal.Roles & rule.AnyOf) != Roles.None
            ? principal
            : throw new GatewayException(ErrorCode.PermissionDenied, $"This needs the role {string.Join(" or ", RoleNames.Of(rule.AnyOf))}; the credential has {(principal.Roles == Roles.None ? "none" : RoleNames.Join(principal.Roles))}.");
    }

    private bool IsOpen(HttpContext http, AccessMode? mode) => mode switch
    {
        AccessMode.Open => true,
        AccessMode.Required => false,

        // The connection is looked at as well: the server may be told to listen elsewhere while it runs, and a proxy on this machine
        // lets in whoever reaches that.
        _ => addresses.AreLoopback
            && http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local)
            && http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !IsForwarded(http.Request.Headers),
    };

    private static bool IsForwarded(IHeaderDictionary headers)
    {
        foreach (var name in Forwarding)
        {
            if (headers.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
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
