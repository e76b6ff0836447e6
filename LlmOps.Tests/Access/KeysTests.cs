using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access;

/// <summary>Virtual keys, as whoever administers and whoever uses them see them.</summary>
public sealed class KeysTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new GatewayApplication().With("Gateway:Access:Mode", "Required");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task NewKey_IsShownOnceAndWorksAtOnce()
    {
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci","tenant":"acme","metadata":{"owner":["ann",1]}}""");

        key.ShouldMatch("^sk-llmops-[A-Za-z0-9_-]{43}$");
        (await _gateway.AskAsync(key)).Status.ShouldBe(200);
        var shown = await _gateway.AdministerAsync("GET", $"/admin/keys/{id}");
        (shown.GetProperty("name").GetString(), shown.GetProperty("tenant").GetString(), shown.GetProperty("status").GetString()).ShouldBe(("ci", "acme", "active"));
        shown.GetProperty("metadata").GetRawText().ShouldBe("""{"owner":["ann",1]}""");
        shown.TryGetProperty("key", out _).ShouldBeFalse();
        (await _gateway.AdministerAsync("GET", "/admin/keys")).GetRawText().ShouldNotContain(key);
    }

    [Fact]
    public async Task Answer_ThatShowsAKey_IsNotToBeKept()
    {
        using var response = await _gateway.SendAsync("POST", "/admin/keys", GatewayApplication.AdministratorKey, """{"name":"ci"}""");

        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.Location!.ToString().ShouldStartWith("/admin/keys/key_");
    }

    [Fact]
    public async Task Key_IsKeptAsAHashAndIsInNoLog()
    {
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci"}""");
        await _gateway.AskAsync(key);
        await _gateway.AskAsync(key + "x");
        var (_, next) = await RotateAsync(id, """{}""");
        await _gateway.AdministerAsync("DELETE", $"/admin/keys/{id}");

        var row = (await _gateway.Services.GetRequiredService<IDatabase>().ReadAsync(connection => KeyTable.FindAsync(connection, id)))!;
        row.ToString().ShouldNotContain(key[KeyText.Prefix.Length..]);
        row.Hash.ShouldMatch("^[0-9a-f]{64}$");
        _gateway.Logs.All.Select(log => log.Message).ShouldAllBe(line => !line.Contains(key, StringComparison.Ordinal) && !line.Contains(next, StringComparison.Ordinal));
        foreach (var change in (string[])["created", "rotated", "revoked"])
        {
            _gateway.Logs.All.Select(log => log.Message).ShouldContain(line => line.Contains($"administrator of tenant default {change} key {id}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task RevokedKey_IsRefusedAtOnceAndStaysListed()
    {
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci"}""");

        (await _gateway.AdministerAsync("DELETE", $"/admin/keys/{id}")).GetProperty("status").GetString().ShouldBe("revoked");

        var (status, body) = await _gateway.AskAsync(key);
        status.ShouldBe(401);
        body.ShouldContain("was revoked");
        body.ShouldContain("\"code\":\"invalid_api_key\"");
        (await _gateway.AdministerAsync("GET", "/admin/keys")).GetRawText().ShouldContain(id);
        (await _gateway.RefusalAsync("PATCH", $"/admin/keys/{id}", """{"name":"again"}""")).Field.ShouldBe("id");
        (await _gateway.RefusalAsync("POST", $"/admin/keys/{id}/rotate")).Field.ShouldBe("id");
    }

    [Fact]
    public async Task RotatedKey_HoldsUntilTheOverlapEnds()
    {
        var (id, first) = await _gateway.CreateKeyAsync("""{"name":"ci"}""");

        var (_, second) = await RotateAsync(id, """{"overlap_seconds":3600}""");

        second.ShouldNotBe(first);
        (await _gateway.AskAsync(first)).Status.ShouldBe(200);
        (await _gateway.AskAsync(second)).Status.ShouldBe(200);

        var (_, third) = await RotateAsync(id, """{"overlap_seconds":0}""");
        (await _gateway.AskAsync(third)).Status.ShouldBe(200);
        var (status, body) = await _gateway.AskAsync(second);
        status.ShouldBe(401);
        body.ShouldContain("was replaced");
        (await _gateway.AskAsync(first)).Status.ShouldBe(401, "the overlap of the one before the last ends with the last");
    }

    [Fact]
    public async Task Rotation_WithoutABody_HasADayOfOverlap()
    {
        var (id, first) = await _gateway.CreateKeyAsync("""{"name":"ci"}""");

        var rotated = await _gateway.AdministerAsync("POST", $"/admin/keys/{id}/rotate");

        (rotated.GetProperty("previous_expires_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow()).ShouldBeInRange(TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        (await _gateway.AskAsync(first)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task ExpiredKey_SaysSo()
    {
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci"}""");
        await _gateway.Services.GetRequiredService<AccessDirectory>().ChangeAsync(async connection =>
        {
            await KeyTable.UpdateAsync(connection, (await KeyTable.FindAsync(connection, id))! with { ExpiresAt = 1 });
            return true;
        });

        var (status, body) = await _gateway.AskAsync(key);

        status.ShouldBe(401);
        body.ShouldContain("has expired");
        (await _gateway.AdministerAsync("GET", $"/admin/keys/{id}")).GetProperty("status").GetString().ShouldBe("expired");
    }

    [Fact]
    public async Task KeyForSomeModels_SeesAndAsksThoseAlone()
    {
        var (_, key) = await _gateway.CreateKeyAsync("""{"name":"ci","models":["offline-*"]}""");

        (await _gateway.AskAsync(key)).Status.ShouldBe(403);
        using var list = await _gateway.SendAsync("GET", "/v1/models", key);
        JsonElement.Parse(await list.Content.ReadAsStringAsync()).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).ShouldBe(["offline-embedding"]);
        using var one = await _gateway.SendAsync("GET", "/v1/models/offline", key);
        one.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var other = await _gateway.SendAsync("GET", "/v1/models/offline-embedding", key);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var embedding = await _gateway.SendAsync("POST", "/v1/embeddings", key, """{"model":"offline-embedding","input":"Hi"}""");
        embedding.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Change_TakesTheGivenFieldsAndNullTakesAway()
    {
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci","models":["offline"],"limits":{"requests_per_minute":5,"concurrency":2},"budget":{"usd":0.000000001,"period":"total"}}""");

        var changed = await _gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"models":null,"prompts":["summarizer"],"metadata":{"a":1},"expires_at":"2099-12-31T00:00:00+01:00","roles":["operator"],"budget":{"usd":12.5,"period":"month"}}""");

        changed.GetProperty("name").GetString().ShouldBe("ci");
        changed.GetProperty("models").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("prompts").GetRawText().ShouldBe("""["summarizer"]""");
        changed.GetProperty("metadata").GetRawText().ShouldBe("""{"a":1}""");
        changed.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2099, 12, 30, 23, 0, 0, TimeSpan.Zero));
        changed.GetProperty("roles").GetRawText().ShouldBe("""["operator"]""");
        changed.GetProperty("limits").GetRawText().ShouldBe("""{"requests_per_minute":5,"concurrency":2}""");
        changed.GetProperty("budget").GetRawText().ShouldBe("""{"usd":12.5,"period":"month"}""");
        (await _gateway.AskAsync(key)).Status.ShouldBe(403, "an operator reads");
        (await _gateway.SendAsync("GET", "/admin/configuration", key)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _gateway.SendAsync("DELETE", "/cache", key)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Principal_HasTheLimitsAndBudgetsOfAllItBelongsTo()
    {
        await _gateway.AdministerAsync("PUT", "/admin/tenants/acme", """{"budget":{"usd":9000000,"period":"month"}}""");
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme","limits":{"tokens_per_day":1000}}""");
        await _gateway.AdministerAsync("POST", "/admin/users", """{"username":"ann@acme","tenant":"acme","team":"dev","limits":{"concurrency":3}}""", HttpStatusCode.Created);
        var (id, key) = await _gateway.CreateKeyAsync("""{"name":"ci","user":"ann@acme","limits":{"requests_per_hour":7}}""");

        var check = _gateway.Services.GetRequiredService<AccessDirectory>().Current.FindKey(key, TimeProvider.System.GetUtcNow());

        var principal = check.Key!.Principal;
        (principal.Tenant, principal.Team, principal.User, principal.Key, principal.Subject).ShouldBe(("acme", "dev", "ann@acme", id, id));
        principal.Holders.Select(holder => holder.Id).ShouldBe(["tenant:acme", "team:dev", "user:ann@acme", $"key:{id}"]);
        principal.Holders[0].Budget!.Amount.Value.ShouldBe(9_000_000_000_000_000);
        principal.Holders[1].Limits!.TokensPerDay.ShouldBe(1000);
        principal.Holders[2].Limits!.Concurrency.ShouldBe(3);
        principal.Holders[3].Limits!.RequestsPerHour.ShouldBe(7);
    }

    [Fact]
    public async Task List_IsGivenInPartsAndByTenant()
    {
        List<string> made = [];
        foreach (var tenant in (string[])["a", "b", "a", "b", "a"])
        {
            made.Add((await _gateway.CreateKeyAsync($$"""{"name":"ci","tenant":"{{tenant}}"}""")).Id);
        }

        List<string> seen = [];
        string? next = "";
        while (next is not null)
        {
            var page = await _gateway.AdministerAsync("GET", $"/admin/keys?limit=2&tenant=a&after={next}");
            page.GetProperty("data").GetArrayLength().ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(key => key.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        seen.ShouldBe([made[0], made[2], made[4]]);
        (await _gateway.RefusalAsync("GET", "/admin/keys?limit=0")).Field.ShouldBe("limit");
        (await _gateway.RefusalAsync("GET", "/admin/keys?tenent=a")).Field.ShouldBe("tenent");
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"a\nb"}""", "name")]
    [InlineData("""{"name":"ci","tenant":"no spaces"}""", "tenant")]
    [InlineData("""{"name":"ci","tenant":""}""", "tenant")]
    [InlineData("""{"name":"ci","team":"nobody"}""", "team")]
    [InlineData("""{"name":"ci","user":"nobody"}""", "user")]
    [InlineData("""{"name":"ci","user":"ann","tenant":"other"}""", "user")]
    [InlineData("""{"name":"ci","team":"dev","tenant":"other"}""", "team")]
    [InlineData("""{"name":"ci","user":"ann","roles":["admin"]}""", "roles")]
    [InlineData("""{"name":"ci","roles":[]}""", "roles")]
    [InlineData("""{"name":"ci","roles":["root"]}""", "roles[0]")]
    [InlineData("""{"name":"ci","roles":["user,admin"]}""", "roles[0]")]
    [InlineData("""{"name":"ci","models":"offline"}""", "models")]
    [InlineData("""{"name":"ci","models":[""]}""", "models[0]")]
    [InlineData("""{"name":"ci","prompts":[1]}""", "prompts[0]")]
    [InlineData("""{"name":"ci","limits":{"requests_per_second":1}}""", "limits.requests_per_second")]
    [InlineData("""{"name":"ci","limits":{"requests_per_minute":0}}""", "limits.requests_per_minute")]
    [InlineData("""{"name":"ci","limits":{"concurrency":1.5}}""", "limits.concurrency")]
    [InlineData("""{"name":"ci","limits":{"tokens_per_day":1000000000001}}""", "limits.tokens_per_day")]
    [InlineData("""{"name":"ci","limits":[]}""", "limits")]
    [InlineData("""{"name":"ci","budget":{"usd":1}}""", "budget.period")]
    [InlineData("""{"name":"ci","budget":{"period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":-1,"period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":9000000.01,"period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":1e300,"period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":0.0000000001,"period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":"1","period":"day"}}""", "budget.usd")]
    [InlineData("""{"name":"ci","budget":{"usd":1,"period":"week"}}""", "budget.period")]
    [InlineData("""{"name":"ci","budget":{"usd":1,"period":"0"}}""", "budget.period")]
    [InlineData("""{"name":"ci","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"ci","expires_at":"2099-01-01T00:00:00"}""", "expires_at")]
    [InlineData("""{"name":"ci","expires_at":"2099-01-01"}""", "expires_at")]
    [InlineData("""{"name":"ci","expires_at":4070908800}""", "expires_at")]
    [InlineData("""{"name":"ci","metadata":"x"}""", "metadata")]
    [InlineData("""{"name":"ci","budgets":{"usd":1,"period":"day"}}""", "budgets")]
    public async Task WrongField_IsNamed(string json, string field)
    {
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");
        await _gateway.AdministerAsync("POST", "/admin/users", """{"username":"ann","tenant":"acme"}""", HttpStatusCode.Created);

        var refusal = await _gateway.RefusalAsync("POST", "/admin/keys", json);

        refusal.Status.ShouldBe(400);
        refusal.Field.ShouldBe(field);
        refusal.Message.ShouldContain(field);
        (await _gateway.AdministerAsync("GET", "/admin/keys")).GetProperty("data").GetArrayLength().ShouldBe(0, "nothing was made");
    }

    [Theory]
    [InlineData("GET", "/admin/keys/key_0")]
    [InlineData("PATCH", "/admin/keys/key_0")]
    [InlineData("DELETE", "/admin/keys/key_0")]
    [InlineData("POST", "/admin/keys/key_0/rotate")]
    public async Task UnknownKey_IsNotFound(string method, string path)
    {
        var refusal = await _gateway.RefusalAsync(method, path, method is "PATCH" or "POST" ? "{}" : null);

        (refusal.Status, refusal.Code).ShouldBe((404, "NOT_FOUND"));
        refusal.Message.ShouldContain("key_0");
    }

    private async Task<(string Id, string Key)> RotateAsync(string id, string json)
    {
        var rotated = await _gateway.AdministerAsync("POST", $"/admin/keys/{id}/rotate", json);
        return (rotated.GetProperty("id").GetString()!, rotated.GetProperty("key").GetString()!);
    }
}
