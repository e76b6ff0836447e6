using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>A virtual key of a running gateway, under limits and budgets of its tenant, its team, its user and its own: all are counted for every request, and none is ever used up.</summary>
internal static class GatewayKey
{
    private const string Tenant = "bench";

    private static readonly object Limits = new
    {
        requests_per_minute = 100_000_000, requests_per_day = 1_000_000_000, tokens_per_minute = 100_000_000_000, concurrency = 100_000,
    };

    private static readonly object Budget = new { usd = 1_000_000, period = "month" };

    /// <summary>Makes it.</summary>
    /// <returns>The header that carries it.</returns>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public static async Task<string[]> MakeAsync(Site site, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{site.Port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", SubjectList.AdministratorKey);
        await SendAsync(http, HttpMethod.Put, $"/admin/tenants/{Tenant}", new { limits = Limits, budget = Budget }, cancellationToken);
        await SendAsync(http, HttpMethod.Put, "/admin/teams/bench-team", new { tenant = Tenant, limits = Limits, budget = Budget }, cancellationToken);
        await SendAsync(http, HttpMethod.Post, "/admin/users", new { username = "bench-user", tenant = Tenant, team = "bench-team", limits = Limits, budget = Budget }, cancellationToken);
        var key = await SendAsync(http, HttpMethod.Post, "/admin/keys", new { name = "bench", tenant = Tenant, team = "bench-team", user = "bench-user", limits = Limits, budget = Budget }, cancellationToken);
        return [$"Authorization: Bearer {key.GetProperty("key").GetString()}"];
    }

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
