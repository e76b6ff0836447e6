using System.Text.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A virtual key of a running gateway, with limits and a budget; all are counted for every request, and none is ever used up.</summary>
internal static class GatewayKey
{
    private const string Tenant = "bench";

    private static readonly object Limits = new
    {
        requests_per_minute = 100_000_000, requests_per_day = 1_000_000_000, tokens_per_minute = 100_000_000_000, concurrency = 100_000,
    };

    private static readonly object Budget = new { usd = 1_000_000, period = "month" };

    /// <summary>Makes one whose tenant has nothing of its own.</summary>
    /// <returns>The header that carries it.</returns>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public static async Task<string[]> MakeAsync(Site site, CancellationToken cancellationToken)
    {
        using var administrator = new Administrator(site.Port);
        await administrator.SendAsync(HttpMethod.Put, $"/admin/tenants/{Tenant}", new { }, cancellationToken);
        return HeaderOf(await administrator.SendAsync(HttpMethod.Post, "/admin/keys", new { name = "bench", tenant = Tenant, limits = Limits, budget = Budget }, cancellationToken));
    }

    /// <summary>Makes one whose user, team and tenant have limits and budgets as well.</summary>
    /// <returns>The header that carries it.</returns>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public static async Task<string[]> MakeUnderLevelsAsync(Site site, CancellationToken cancellationToken)
    {
        using var administrator = new Administrator(site.Port);
        await administrator.SendAsync(HttpMethod.Put, $"/admin/tenants/{Tenant}", new { limits = Limits, budget = Budget }, cancellationToken);
        await administrator.SendAsync(HttpMethod.Put, "/admin/teams/bench-team", new { tenant = Tenant, limits = Limits, budget = Budget }, cancellationToken);
        await administrator.SendAsync(HttpMethod.Post, "/admin/users", new { username = "bench-user", tenant = Tenant, team = "bench-team", limits = Limits, budget = Budget }, cancellationToken);
        var key = await administrator.SendAsync(HttpMethod.Post, "/admin/keys", new { name = "bench", tenant = Tenant, team = "bench-team", user = "bench-user", limits = Limits, budget = Budget }, cancellationToken);
        return HeaderOf(key);
    }

    private static string[] HeaderOf(JsonElement key) => [$"Authorization: Bearer {key.GetProperty("key").GetString()}"];
}
