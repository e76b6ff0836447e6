using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>What tests of budgets ask of a gateway: keys with budgets, and requests of a known cost.</summary>
internal static class BudgetedGateway
{
    /// <summary>What one request costs: ten output tokens of a model whose input is free.</summary>
    public const decimal Cost = 0.01m;

    /// <summary>A completion of that cost, as the provider gives it.</summary>
    public static FakeAnswer Answer { get; } = FakeAnswer.Text("Hel", "lo") with { Usage = new FakeUsage(19, 10) };

    /// <summary>Gives gpt-4o that price.</summary>
    public static string PriceFile(string folder)
    {
        var path = Path.Combine(folder, "prices.json");
        File.WriteAllText(path, """{"as_of":"2026-11-01","models":[{"provider":"openai","names":["gpt-4o"],"context_window":128000,"max_output_tokens":100,"price":{"input":"0","output":"1000"}}]}""");
        return path;
    }

    /// <summary>Administers.</summary>
    public static async Task<JsonElement> AdministerAsync(this GatewayApplication gateway, HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GatewayApplication.AdministratorKey);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await gateway.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonElement.Parse(body);
    }

    /// <summary>A new key.</summary>
    public static async Task<(string Id, string Key)> KeyAsync(this GatewayApplication gateway, decimal? usd, string period = "day", string more = "")
    {
        var budget = usd is { } amount ? $$""","budget":{"usd":{{amount.ToString(System.Globalization.CultureInfo.InvariantCulture)}},"period":"{{period}}"}""" : "";
        var key = await gateway.AdministerAsync(HttpMethod.Post, "/admin/keys", $$"""{"name":"test"{{more}}{{budget}}}""");
        return (key.GetProperty("id").GetString()!, key.GetProperty("key").GetString()!);
    }

    /// <summary>A chat that costs as much as is reserved for it.</summary>
    public static string Request(bool streaming = false, string model = "gpt-4o", string more = "\"max_tokens\":10") =>
        $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},{{more}},"messages":[{"role":"user","content":"Hi"}]}""";

    /// <summary>Asks with a key, past the cache.</summary>
    public static async Task<HttpResponseMessage> AskAsync(
        this GatewayApplication gateway, string key, bool streaming = false, string? body = null, string cache = "off", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body ?? Request(streaming), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("X-LlmOps-Cache", cache);
        return await gateway.Http.SendAsync(request, streaming ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Asks, and reads the answer to its end.</summary>
    /// <returns>The status, and the error's code.</returns>
    public static async Task<(int Status, string? Code, string Body)> OutcomeAsync(this GatewayApplication gateway, string key, bool streaming = false, string? body = null)
    {
        using var response = await gateway.AskAsync(key, streaming, body);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : JsonElement.Parse(text).GetProperty("error").GetProperty("code").GetString(), text);
    }

    /// <summary>What a key's counter of today has.</summary>
    public static (decimal Spent, decimal Held)? Count(this GatewayApplication gateway, string name, HolderKind kind = HolderKind.Key, BudgetPeriod period = BudgetPeriod.Day)
    {
        var today = DateOnly.FromDateTime(gateway.Services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        var count = gateway.Services.GetRequiredService<MemoryBudgets>().Look(new BudgetCounter(kind, name, period, BudgetCounter.FirstDay(period, today)));
        return count is { } known ? (known.Spent.Dollars, known.Held.Dollars) : null;
    }

    /// <summary>What the ledger has of a key, as soon as it has so many requests.</summary>
    public static async Task<decimal> LedgerAsync(this GatewayApplication gateway, string key, int requests)
    {
        await Conditions.HoldsAsync(async () => (await gateway.UsageAsync(key)).Requests >= requests);
        return (await gateway.UsageAsync(key)).Cost;
    }

    /// <summary>What the ledger has of a key now.</summary>
    public static async Task<(long Requests, decimal Cost)> UsageAsync(this GatewayApplication gateway, string key)
    {
        var rows = (await gateway.AdministerAsync(HttpMethod.Get, "/admin/usage?group_by=key")).GetProperty("rows").EnumerateArray().Where(row => row.GetProperty("key").GetString() == key).ToList();
        return (rows.Sum(row => row.GetProperty("requests").GetInt64()), rows.Sum(row => row.GetProperty("cost_usd").GetDecimal()));
    }
}
