using LlmOps.Gateway.Configuration;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Which web pages may call the gateway, by the configuration in force.</summary>
internal sealed class CorsOrigins(GatewayConfiguration configuration) : ICorsPolicyProvider
{
    /// <summary>Adds the middleware, for what web pages send: on every other request it would cost and do nothing.</summary>
    public static void Use(WebApplication app) =>
        app.UseLate(http => http.Request.Headers.Origin.Count > 0, pages => pages.UseCors());

    private static readonly string[] ExposedHeaders =
    [
        RequestId.Header, "X-LlmOps-Model", "X-LlmOps-Provider", "X-LlmOps-Attempts", "X-LlmOps-Cache", "X-LlmOps-Config", "X-LlmOps-Cost-USD", "Idempotent-Replayed", "Retry-After",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ];

    /// <inheritdoc/>
    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        var policy = new CorsPolicyBuilder().AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ExposedHeaders);
        var origins = configuration.Current.Options.Endpoints.CorsOrigins;
        policy = origins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins([.. origins]);
        return Task.FromResult<CorsPolicy?>(policy.Build());
    }
}
