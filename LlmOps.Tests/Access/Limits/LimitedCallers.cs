using System.Text;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Limits;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Callers with limits, and what they send.</summary>
internal static class LimitedCallers
{
    /// <summary>Makes a key with limits; starts the gateway.</summary>
    public static async Task<string> AddKeyAsync(this GatewayApplication gateway, RequestLimits? limits, string tenant = "acme", string id = "key_ci")
    {
        _ = gateway.Http;
        var directory = gateway.Services.GetRequiredService<AccessDirectory>();
        var key = KeyText.Create();
        var row = new KeyRow { Id = id, Name = "ci", Hash = directory.Current.HashOf(key).ToString(), Tenant = tenant, Roles = "user", Limits = AccessJson.Of(limits), CreatedAt = 0 };
        await directory.ChangeAsync(async connection =>
        {
            await KeyTable.AddAsync(connection, row);
            return true;
        });
        return key;
    }

    /// <summary>Gives a tenant limits; starts the gateway.</summary>
    public static async Task LimitTenantAsync(this GatewayApplication gateway, string tenant, RequestLimits limits)
    {
        _ = gateway.Http;
        await gateway.Services.GetRequiredService<AccessDirectory>().ChangeAsync(connection => connection.ExecuteAsync(
            "INSERT INTO tenants (name, limits, updated_at) VALUES (@tenant, @limits, 0)", new { tenant, limits = AccessJson.Of(limits) }));
    }

    /// <summary>Sends JSON, with a key or without, as if it came from an address or not.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        this GatewayApplication gateway, string path, string json, string? key = null, string? forwardedFor = null, bool stream = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        return await gateway.Http.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>A header's value; empty where it is not there.</summary>
    public static string Header(this HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(';', values) : "";
}
