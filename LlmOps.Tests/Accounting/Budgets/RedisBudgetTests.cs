using System.Globalization;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>Budgets that three replicas share, over one real Redis and one real PostgreSQL.</summary>
public sealed class RedisBudgetTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-prices-").FullName;
    private readonly FakeServer _fake = new();
    private readonly List<GatewayApplication> _gateways = [];
    private RedisServer _redis = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await _fake.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [BudgetsFact]
    public async Task BudgetFor37Requests_Serves37_WhoeverIsAsked_AndRedisAndLedgerAgree()
    {
        await StartAsync(3);
        var (id, key) = await KeyAsync(0.37m);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => _gateways[number % 3].OutcomeAsync(key, streaming: number % 2 == 0)));

        outcomes.Count(outcome => outcome.Status == 200).ShouldBe(37);
        outcomes.Count(outcome => outcome.Code == "insufficient_quota").ShouldBe(163);
        await SettlesAtAsync(id, key, 0.37m);
    }

    [BudgetsFact]
    public async Task RedisThatComesBackEmpty_IsToldWhatWasSpent_AndNothingIsSpentTwice()
    {
        await StartAsync(2);
        var (id, key) = await KeyAsync(0.04m);
        using var gate = new Gate();
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);
        (await _gateways[1].OutcomeAsync(key)).Status.ShouldBe(200);
        var answer = _fake.Handler;
        _fake.Handler = request => answer(request).AfterWaitingFor(gate.Opened);
        var underWay = _gateways[0].OutcomeAsync(key);
        await Conditions.HoldsAsync(() => Task.FromResult(_fake.Requests.Count == 3));

        await _redis.KillAsync();
        var away = await _gateways[1].OutcomeAsync(key);
        await _redis.RestartAsync();
        _fake.Handler = answer;

        // Two were spent and one is under way: there is one more, whoever gives it.
        away.ShouldSatisfyAllConditions(outcome => outcome.Status.ShouldBe(503), outcome => outcome.Code.ShouldBe("budget_unavailable"));
        var codes = new List<string?>();
        await Conditions.HoldsAsync(async () =>
        {
            codes.Add((await _gateways[codes.Count % 2].OutcomeAsync(key)).Code);
            return codes[^1] == "insufficient_quota";
        });
        codes.Count(code => code is null).ShouldBe(1);
        codes.ShouldAllBe(code => code == null || code == "insufficient_quota" || code == "budget_unavailable");
        gate.Open();
        (await underWay).Status.ShouldBe(200);
        await SettlesAtAsync(id, key, 0.04m);
    }

    [BudgetsFact]
    public async Task WhileRedisIsAway_WhoHasNoBudgetIsServed_AndReplicasMayGoOnByThemselves()
    {
        await StartAsync(1, ("Gateway:Accounting:BudgetsWithoutRedis", "PerReplica"));
        var (id, key) = await KeyAsync(0.04m);
        var (_, free) = await KeyAsync(null);
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);

        await _redis.KillAsync();

        (await _gateways[0].OutcomeAsync(free)).Status.ShouldBe(200);
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);
        (await _gateways[0].OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");
        await _redis.RestartAsync();

        // What was spent meanwhile, Redis knows when it is back.
        await SettlesAtAsync(id, key, 0.04m);
    }

    [BudgetsFact]
    public async Task RequestThatIsRefused_IsNoRowOfTheLedger()
    {
        await StartAsync(1);
        var (_, key) = await KeyAsync(0.01m);
        (await _gateways[0].OutcomeAsync(key)).Status.ShouldBe(200);

        for (var count = 0; count < 5; count++)
        {
            (await _gateways[0].OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");
        }

        // What is over is in the journal, or in the database.
        var services = _gateways[0].Services;
        await Conditions.HoldsAsync(() => Task.FromResult(services.GetRequiredService<Journal>().Depth == 0));
        (await services.GetRequiredService<IDatabase>().ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM ledger WHERE outcome = 'insufficient_quota'"))).ShouldBe(0);
    }

    [BudgetsFact]
    public async Task CounterThatRedisLosesAlone_IsMissed_AndNothingIsSpentTwice()
    {
        await StartAsync(1);
        var (id, key) = await KeyAsync(0.01m);
        using var gate = new Gate();
        var answer = _fake.Handler;
        _fake.Handler = request => answer(request).AfterWaitingFor(gate.Opened);
        var underWay = _gateways[0].OutcomeAsync(key);
        await Conditions.HoldsAsync(() => Task.FromResult(_fake.Requests.Count == 1));
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

        (await _redis.CliAsync("DEL", BudgetKeys.Of(new BudgetCounter(HolderKind.Key, id, BudgetPeriod.Day, day)))).Trim().ShouldBe("1");

        var codes = new List<string?>();
        await Conditions.HoldsAsync(async () =>
        {
            codes.Add((await _gateways[0].OutcomeAsync(key)).Code);
            return codes[^1] == "insufficient_quota";
        });
        codes.ShouldAllBe(code => code == "insufficient_quota" || code == "budget_unavailable");
        gate.Open();
        (await underWay).Status.ShouldBe(200);
        await SettlesAtAsync(id, key, 0.01m);
    }

    private async Task StartAsync(int replicas, params (string Key, string Value)[] settings)
    {
        _redis = await RedisServer.StartAsync();
        _fake.Handler = FakeOpenAI.Handler(_ => BudgetedGateway.Answer, GatewayApplication.ProviderKey);
        var database = await postgres.Server.CreateDatabaseAsync();
        for (var number = 0; number < replicas; number++)
        {
            var gateway = new GatewayApplication().WithOpenAI(_fake)
                .With("Gateway:Accounting:PriceFile", BudgetedGateway.PriceFile(_folder))
                .With("ConnectionStrings:llmops", database)
                .With("Gateway:Redis:ConnectionString", _redis.Address)
                .With("Gateway:Redis:CallTimeout", "5s");
            foreach (var (key, value) in settings)
            {
                gateway.With(key, value);
            }

            _gateways.Add(gateway);
            await Conditions.HoldsAsync(async () => (await gateway.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/admin/usage")
            {
                Headers = { Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", GatewayApplication.AdministratorKey) },
            })).IsSuccessStatusCode);
        }
    }

    // All replicas know it, and what was spent of it.
    private async Task<(string Id, string Key)> KeyAsync(decimal? usd)
    {
        var created = await _gateways[0].KeyAsync(usd);
        foreach (var gateway in _gateways)
        {
            await Conditions.HoldsAsync(async () =>
            {
                var outcome = await gateway.OutcomeAsync(created.Key, body: BudgetedGateway.Request(model: "offline"));
                return outcome.Status == 200;
            });
        }

        return created;
    }

    // Ledger and Redis have the same, and nothing is held any more. Redis reads what it has lost from the ledger when somebody asks.
    private async Task SettlesAtAsync(string id, string key, decimal spent)
    {
        await Conditions.HoldsAsync(async () => (await _gateways[0].UsageAsync(id)).Cost == spent);
        await Conditions.HoldsAsync(async () =>
        {
            (await _gateways[0].OutcomeAsync(key)).Code.ShouldBeOneOf("insufficient_quota", "budget_unavailable");
            return await FieldAsync(id, "spent") == spent && await FieldAsync(id, "pending") == 0;
        });
        (await _gateways[0].UsageAsync(id)).Cost.ShouldBe(spent);
    }

    private async Task<decimal> FieldAsync(string key, string field)
    {
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var text = await _redis.CliAsync("HGET", BudgetKeys.Of(new BudgetCounter(HolderKind.Key, key, BudgetPeriod.Day, day)), field);
        return decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nano) ? nano / 1_000_000_000 : 0;
    }

    /// <summary>A test that needs redis-server and PostgreSQL.</summary>
    private sealed class BudgetsFactAttribute : FactAttribute
    {
        public BudgetsFactAttribute() => Skip = RedisServer.Missing ?? PostgresServer.Missing;
    }
}
