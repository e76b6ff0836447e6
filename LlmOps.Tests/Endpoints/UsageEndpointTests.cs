using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Accounting.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Endpoints;

/// <summary>GET /admin/usage, over what the database has.</summary>
public sealed class UsageEndpointTests : GatewayTests
{
    private const string March = "from=2026-03-01&to=2026-03-31";

    [Fact]
    public async Task UsageByTenant_IsSummed()
    {
        await SeedAsync();

        var usage = await GetAsync($"group_by=tenant&{March}");

        usage.GetProperty("from").GetString().ShouldBe("2026-03-01");
        usage.GetProperty("to").GetString().ShouldBe("2026-03-31");
        usage.GetProperty("group_by").EnumerateArray().Select(group => group.GetString()).ShouldBe(["tenant"]);
        usage.GetProperty("pending").GetInt64().ShouldBe(0);
        usage.GetProperty("next_offset").ValueKind.ShouldBe(JsonValueKind.Null);
        var rows = usage.GetProperty("rows").EnumerateArray().ToList();
        rows.Select(row => (row.GetProperty("tenant").GetString(), row.GetProperty("requests").GetInt64())).ShouldBe([("acme", 4), ("globex", 1)]);
        var acme = rows[0];
        acme.TryGetProperty("day", out _).ShouldBeFalse();
        acme.GetProperty("errors").GetInt64().ShouldBe(1);
        acme.GetProperty("cache_hits").GetInt64().ShouldBe(1);
        acme.GetProperty("input_tokens").GetInt64().ShouldBe(80);
        acme.GetProperty("output_tokens").GetInt64().ShouldBe(40);
        acme.GetProperty("cost_usd").GetDecimal().ShouldBe(0.00045m);
        acme.GetProperty("saved_usd").GetDecimal().ShouldBe(0.000000007m);
        acme.GetProperty("estimated").GetInt64().ShouldBe(1);
        acme.GetProperty("unpriced").GetInt64().ShouldBe(1);
        usage.GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(5);
        usage.GetProperty("total").GetProperty("cost_usd").GetDecimal().ShouldBe(0.0006m);
    }

    [Theory]
    [InlineData("group_by=day", "2026-03-13|2026-03-14")]
    [InlineData("", "2026-03-13|2026-03-14")]
    [InlineData("group_by=team", "|blue \"team\"")]
    [InlineData("group_by=user", "|zoë")]
    [InlineData("group_by=key", "|key_1")]
    [InlineData("group_by=model", "=cmd|gpt-4o")]
    [InlineData("group_by=prompt", "|summarizer")]
    [InlineData("group_by=prompt_version", "|2")]
    [InlineData("group_by=variant", "|b")]
    [InlineData("group_by=tenant,day", "acme 2026-03-13|acme 2026-03-14|globex 2026-03-14")]
    [InlineData("group_by=tenant&tenant=globex", "globex")]
    [InlineData("group_by=day&user=zoë&model=gpt-4o", "2026-03-14")]
    [InlineData("group_by=tenant&key=nobody", "")]
    [InlineData("group_by=tenant&from=2026-03-13&to=2026-03-13", "acme")]
    [InlineData("group_by=tenant&from=2026-03-15&to=2026-03-31", "")]
    [InlineData("group_by=tenant,day&limit=1&offset=1", "acme 2026-03-14")]
    public async Task Rows_AreThoseAskedFor(string query, string expected)
    {
        await SeedAsync();

        var usage = await GetAsync(query.Contains("from=") ? query : $"{query}&{March}".TrimStart('&'));

        var groups = usage.GetProperty("group_by").EnumerateArray().Select(group => group.GetString()!).ToList();
        string.Join('|', usage.GetProperty("rows").EnumerateArray().Select(row => string.Join(' ', groups.Select(group => row.GetProperty(group).GetString())))).ShouldBe(expected);
    }

    [Fact]
    public async Task Pages_CoverAllRowsAndTheTotalIsOfAll()
    {
        await SeedAsync();

        var first = await GetAsync($"group_by=tenant,day&limit=2&{March}");
        var second = await GetAsync($"group_by=tenant,day&limit=2&offset={first.GetProperty("next_offset").GetInt32()}&{March}");

        first.GetProperty("rows").GetArrayLength().ShouldBe(2);
        second.GetProperty("rows").GetArrayLength().ShouldBe(1);
        second.GetProperty("next_offset").ValueKind.ShouldBe(JsonValueKind.Null);
        first.GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(5);
        second.GetProperty("total").GetProperty("requests").GetInt64().ShouldBe(5);
    }

    [Fact]
    public async Task WithoutDays_TheCurrentMonthIsMeant()
    {
        var usage = await GetAsync("");

        var today = TimeProvider.System.GetUtcNow();
        usage.GetProperty("to").GetString().ShouldBe($"{today:yyyy-MM-dd}");
        usage.GetProperty("from").GetString().ShouldBe($"{today:yyyy-MM}-01");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Csv_IsQuotedAndHoldsNoFormulas(bool byHeader)
    {
        await SeedAsync();
        using var request = Request($"group_by=model,team&{March}" + (byHeader ? "" : "&format=csv"));
        if (byHeader)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        }

        using var response = await Gateway.Http.SendAsync(request);

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8");
        response.Headers.GetValues("X-LlmOps-Pending").Single().ShouldBe("0");
        (await response.Content.ReadAsStringAsync()).ShouldBe(
            "model,team,requests,errors,cache_hits,input_tokens,output_tokens,cost_usd,saved_usd,estimated,unpriced\r\n"
            + "'=cmd,,1,0,0,20,10,0.00015,0,0,0\r\n"
            + "gpt-4o,,3,1,1,60,30,0.0003,0,0,1\r\n"
            + "gpt-4o,\"blue \"\"team\"\"\",1,0,0,20,10,0.00015,0.000000007,1,0\r\n");
    }

    [Fact]
    public async Task CsvThatIsCut_SaysWhereItGoesOn()
    {
        await SeedAsync();

        using var response = await Gateway.Http.SendAsync(Request($"group_by=tenant&format=csv&limit=1&{March}"));

        response.Headers.GetValues("X-LlmOps-Next-Offset").Single().ShouldBe("1");
    }

    [Theory]
    [InlineData("group_by=cost", "group_by", "'cost'; expected one or several of day, tenant")]
    [InlineData("group_by=day,day", "group_by", "day twice")]
    [InlineData("group_by=", "group_by", "is empty")]
    [InlineData("group_by=day&group_by=tenant", "group_by", "given twice")]
    [InlineData("from=2026-02-30", "from", "'2026-02-30'; expected a day such as")]
    [InlineData("to=yesterday", "to", "'yesterday'; expected a day")]
    [InlineData("from=2026-03-02&to=2026-03-01", "from", "after to")]
    [InlineData("format=xml", "format", "expected json or csv")]
    [InlineData("limit=0", "limit", "from 1 to 10000")]
    [InlineData("limit=10001", "limit", "from 1 to 10000")]
    [InlineData("offset=-1", "offset", "a whole number from 0")]
    [InlineData("tenant=", "tenant", "is empty")]
    [InlineData("day=2026-03-01", "day", "is not a parameter")]
    [InlineData("tenants=acme", "tenants", "is not a parameter; expected one of group_by")]
    public async Task BadParameter_IsNamed(string query, string field, string message)
    {
        using var response = await Gateway.Http.SendAsync(Request(query));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        error.GetProperty("error_code").GetString().ShouldBe("INVALID_VALUE");
        error.GetProperty("field").GetString().ShouldBe(field);
        error.GetProperty("message").GetString()!.ShouldContain(message);
    }

    [Fact]
    public async Task DatabaseThatFails_IsTold()
    {
        using var records = new SqliteDatabase(null, TimeProvider.System);
        var database = new FailingDatabase(records);
        Gateway.WithServices(services => services.AddSingleton<IDatabase>(database));
        _ = Gateway.Http;
        database.IsAway = true;

        using var response = await Gateway.Http.SendAsync(Request(""));

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("error_code").GetString().ShouldBe("DATABASE_UNAVAILABLE");
    }

    [Fact]
    public async Task WithoutTheRole_ItIsRefused()
    {
        (await Gateway.Http.GetAsync("/admin/usage")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task SeedAsync()
    {
        _ = Gateway.Http;
        await Gateway.Services.GetRequiredService<LedgerTables>().WriteAsync(
            [
                Entries.Full,
                Entries.Of("b") with { Outcome = "provider_error", Cost = null },
                Entries.Of("c", Entries.At.AddDays(-1)) with { Cache = "hit-memory" },
                Entries.Of("d", Entries.At.AddDays(-1)) with { Model = "=cmd" },
                Entries.Of("e") with { Tenant = "globex" },
                Entries.Of("f", Entries.At.AddMonths(-1)),
            ],
            CancellationToken.None);
    }

    private async Task<JsonElement> GetAsync(string query)
    {
        using var response = await Gateway.Http.SendAsync(Request(query));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage Request(string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/admin/usage?{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", GatewayApplication.AdministratorKey);
        return request;
    }
}
