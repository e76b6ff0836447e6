using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Access;

/// <summary>Three gateways, each a process of its own, on one Redis and one PostgreSQL: they share their keys, limits, budgets and ledger.</summary>
public sealed class ReplicasTests : ReplicatedTests
{
    // 10 tokens at 1,000 dollars a million.
    private const long CostNano = 10_000_000;
    private const int Affordable = 37;

    public ReplicasTests()
    {
        Provider.Handler = Answer;
        File.WriteAllText(Prices,
            """{"as_of":"2026-01-01","models":[{"provider":"openai","names":["gpt-dear"],"max_output_tokens":10,"price":{"input":0,"output":1000}}]}""");
    }

    private protected override IEnumerable<(string Name, string Value)> Settings =>
        [("Gateway__Accounting__PriceFile", Prices), ("Gateway__Routing__MaxAttempts", "1"), ("Gateway__Routing__Breaker__MinimumCalls", "1000000")];

    private string Prices => Path.Combine(Folder, "prices.json");

    [ReplicasFact]
    public async Task FiveHundredRequestsAtOnce_AgainstAHundredADay_ExactlyAHundredPass()
    {
        var key = await MakeKeyAsync(new { name = "limited", tenant = "acme", limits = new { requests_per_day = 100 } });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
        {
            using var response = await CompleteAsync(number % Replicas, key, "Hi", number % 2 == 0);
            return response.StatusCode;
        }));

        statuses.Count(status => status == HttpStatusCode.OK).ShouldBe(100);
        statuses.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBe(400);
        Provider.Requests.Count.ShouldBe(100);
    }

    [ReplicasFact]
    public async Task BudgetForThirtySevenRequests_PaysForThatManyAndNeverOneMore_WhateverFails()
    {
        // The key's budget is looked at last, so that whoever is refused by it has had both counters read.
        await PutAsync("/admin/tenants/acme", new { budget = new { usd = 100, period = "day" } });
        var key = await MakeKeyAsync(new { name = "budgeted", tenant = "acme", budget = new { usd = Affordable * 0.01, period = "month" } });

        // A Redis that is new may be one that has lost what it knew; for a few seconds the replicas may tell it.
        await Conditions.HoldsAsync(async () =>
        {
            using var response = await CompleteAsync(0, key, "Fail", streaming: false);
            return response.StatusCode == HttpStatusCode.BadGateway;
        });

        // Providers that fail, and callers who leave, cost nothing here: input has no price.
        await Task.WhenAll(Enumerable.Range(0, 30).Select(number => number % 2 == 0 ? FailAsync(number % Replicas, key) : LeaveAsync(number % Replicas, key)));
        const int Killed = 2;
        var lost = Enumerable.Range(0, Killed).Select(_ => CompleteAsync(Replicas - 1, key, "Wait", streaming: false)).ToList();
        await Provider.WaitForAsync(() => Provider.Requests.Count(request => request.BodyText.Contains("Wait", StringComparison.Ordinal)) == 15 + Killed);

        // What those who left and those that failed had reserved is back, with the process that is about to be killed too; what that has on its way is not.
        await Conditions.HoldsAsync(async () => (await CountersAsync()).All(counter => counter.Pending == Killed * CostNano));
        await Gateways[^1].KillAsync();
        foreach (var request in lost)
        {
            await Should.ThrowAsync<HttpRequestException>(request);
        }

        await Conditions.HoldsAsync(async () => (await CountersAsync()).All(counter => counter.Pending == Killed * CostNano));
        var served = new ConcurrentBag<bool>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            using var response = await CompleteAsync(number % (Replicas - 1), key, "Hi", number % 2 == 0);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                served.Add((await response.Content.ReadAsStringAsync()).Contains("well", StringComparison.Ordinal));
            }
            else
            {
                response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
                (await response.Content.ReadAsStringAsync()).ShouldContain("insufficient_quota");
            }
        }));

        // What the killed process had on its way counts in full until its journal is read, and from then on in the ledger.
        served.ShouldBe(Enumerable.Repeat(true, Affordable - Killed));
        await Gateways[^1].DisposeAsync();
        Gateways[^1] = await Start(Replicas - 1).ReadyAsync();
        await Conditions.HoldsAsync(async () => await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE outcome = 'interrupted'") == Killed && await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE outcome = 'ok'") == Affordable - Killed);
        await Conditions.HoldsAsync(async () => (await CountersAsync()).All(counter => counter.Fields == 0));

        var ledger = await ScalarAsync("SELECT CAST(SUM(cost_nano) AS BIGINT) FROM ledger");
        ledger.ShouldBe(Affordable * CostNano);
        (await ScalarAsync("SELECT CAST(SUM(cost_nano) AS BIGINT) FROM usage_daily")).ShouldBe(ledger);

        // A record that is told twice, as the journal of the killed process may tell it, leaves a counter to be read anew by whoever comes next.
        (await CountersAsync()).ShouldAllBe(counter => counter == new Counter(ledger, 0, 0) || counter == new Counter(null, 0, 0));
        foreach (var replica in Enumerable.Range(0, Replicas))
        {
            using var refused = await CompleteAsync(replica, key, "Hi", streaming: false);
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            (await CountersAsync()).ShouldBe([new Counter(ledger, 0, 0), new Counter(ledger, 0, 0)]);
        }
    }

    [ReplicasFact]
    public async Task PostgresStopsUnderLoad_NoRequestFails_AndTheRowsAreAllThereAfterwards()
    {
        var key = await MakeKeyAsync(new { name = "going-on", tenant = "acme" });
        var load = LoadAsync(key, 120);
        await Provider.WaitForAsync(() => Provider.Requests.Count >= 30);
        await Postgres.KillAsync();
        await load;

        // One more process is killed, and begins again without the database: the key is known from its folder.
        await Gateways[0].KillAsync();
        await Gateways[0].DisposeAsync();
        Gateways[0] = await Start(0).ReadyAsync();
        await LoadAsync(key, 30);
        await Postgres.RestartAsync();

        await Conditions.HoldsAsync(async () => await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE outcome = 'ok'") >= 150);
        (await ScalarAsync("SELECT COUNT(*) FROM ledger")).ShouldBe(150);
        (await ScalarAsync("SELECT COUNT(DISTINCT request_id) FROM ledger")).ShouldBe(150);
    }

    private static FakeReply Answer(ReceivedRequest request) =>
        request.BodyText.Contains("Fail", StringComparison.Ordinal) ? FakeOpenAI.Error(500, "It failed.")
        : request.BodyText.Contains("Wait", StringComparison.Ordinal) ? FakeReply.Silence()
        : FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well") with { Usage = new FakeUsage(PromptTokens: 5, CompletionTokens: 10) })(request);

    private async Task<string> MakeKeyAsync(object body)
    {
        using var response = await Gateways[0].Http.PostAsJsonAsync("/admin/keys", body);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        var key = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
        foreach (var gateway in Gateways)
        {
            await Conditions.HoldsAsync(async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/verify") { Headers = { Authorization = new("Bearer", key) } };
                using var verified = await gateway.Http.SendAsync(request);
                return verified.StatusCode == HttpStatusCode.OK;
            });
        }

        return key;
    }

    private async Task PutAsync(string path, object body)
    {
        using var response = await Gateways[0].Http.PutAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
    }

    private async Task<HttpResponseMessage> CompleteAsync(int replica, string key, string prompt, bool streaming, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { Authorization = new("Bearer", key) },
            Content = JsonContent.Create(new { model = "openai/gpt-dear", stream = streaming, max_tokens = 10, messages = new[] { new { role = "user", content = prompt } } }),
        };
        return await Gateways[replica].Http.SendAsync(request, cancellationToken);
    }

    private async Task FailAsync(int replica, string key)
    {
        using var response = await CompleteAsync(replica, key, "Fail", replica % 2 == 0);
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    private async Task LeaveAsync(int replica, string key)
    {
        using var leave = new CancellationTokenSource();
        var marker = $"Wait {Guid.NewGuid()}";
        var asked = CompleteAsync(replica, key, marker, streaming: true, leave.Token);
        await Provider.WaitForAsync(() => Provider.Requests.Any(request => request.BodyText.Contains(marker, StringComparison.Ordinal)));
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);
    }

    private Task LoadAsync(string key, int requests) => Task.WhenAll(Enumerable.Range(0, requests).Select(async number =>
    {
        using var response = await CompleteAsync(number % Replicas, key, "Hi", number % 2 == 0);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }));

    // Beside spent, pending, version and epoch a counter has a field for each request that holds some of it.
    private async Task<List<Counter>> CountersAsync()
    {
        List<Counter> counters = [];
        foreach (var name in (await Redis.CliAsync("KEYS", "{llmops:budgets}*")).Split('\n').Where(name => !name.EndsWith(":epoch", StringComparison.Ordinal)))
        {
            var fields = (await Redis.CliAsync("HGETALL", name)).Split('\n').Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
            long Field(string field) => fields.TryGetValue(field, out var value) ? long.Parse(value, CultureInfo.InvariantCulture) : 0;
            counters.Add(new Counter(fields.ContainsKey("spent") ? Field("spent") : null, Field("pending"), fields.Keys.Except(["spent", "pending", "version", "epoch"]).Count()));
        }

        return counters;
    }

    // Spent is null while nobody has read it from the ledger.
    private sealed record Counter(long? Spent, long Pending, int Fields);
}

/// <summary>A test that needs both Redis and PostgreSQL; it is skipped where one is missing.</summary>
internal sealed class ReplicasFactAttribute : FactAttribute
{
    public ReplicasFactAttribute() => Skip = RedisServer.Missing ?? PostgresServer.Missing;
}

/// <inheritdoc cref="ReplicasFactAttribute"/>
internal sealed class ReplicasTheoryAttribute : TheoryAttribute
{
    public ReplicasTheoryAttribute() => Skip = RedisServer.Missing ?? PostgresServer.Missing;
}
