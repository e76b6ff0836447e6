using System.Net;
using System.Net.Http.Json;
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
        using var http = Open(site);
        await SendAsync(http, HttpMethod.Put, $"/admin/tenants/{Tenant}", new { }, cancellationToken);
        return HeaderOf(await SendAsync(http, HttpMethod.Post, "/admin/keys", new { name = "bench", tenant = Tenant, limits = Limits, budget = Budget }, cancellationToken));
    }

    /// <summary>Makes one whose user, team and tenant have limits and budgets as well.</summary>
    /// <returns>The header that carries it.</returns>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public static async Task<string[]> MakeUnderLevelsAsync(Site site, CancellationToken cancellationToken)
    {
        using var http = Open(site);
        await SendAsync(http, HttpMethod.Put, $"/admin/tenants/{Tenant}", new { limits = Limits, budget = Budget }, cancellationToken);
        await SendAsync(http, HttpMethod.Put, "/admin/teams/bench-team", new { tenant = Tenant, limits = Limits, budget = Budget }, cancellationToken);
        await SendAsync(http, HttpMethod.Post, "/admin/users", new { username = "bench-user", tenant = Tenant, team = "bench-team", limits = Limits, budget = Budget }, cancellationToken);
        var key = await SendAsync(http, HttpMethod.Post, "/admin/keys", new { name = "bench", tenant = Tenant, team = "bench-team", user = "bench-user", limits = Limits, budget = Budget }, cancellationToken);
        return HeaderOf(key);
    }

    private static HttpClient Open(Site site)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{site.Port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", SubjectList.AdministratorKey);
        return http;
    }

    private static string[] HeaderOf(JsonElement key) => [$"Authorization: Bearer {key.GetProperty("key").GetString()}"];

    private static async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await http.SendAsync(request, cancellationToken);

        // A user who was made at an earlier start is still there.
        return response.StatusCode == HttpStatusCode.Conflict ? default
            : response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
            : throw new BenchmarkException($"{method} {path} is answered with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }
}
