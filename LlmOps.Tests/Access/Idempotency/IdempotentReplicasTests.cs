using System.Globalization;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using LlmOps.Tests.Storage;
using Npgsql;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>Three gateways, each a process of its own, on one Redis and one PostgreSQL: a request is answered once among them.</summary>
public sealed class IdempotentReplicasTests : IAsyncLifetime
{
    private const string AdministratorKey = "sk-replicas-administrator";
    private const int Replicas = 3;
    private const int Duplicates = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-idempotent-").FullName;
    private readonly List<GatewayProcess> _gateways = [];
    private readonly FakeServer _provider = new();
    private readonly Gate _gate = new();
    private RedisServer _redis = null!;
    private PostgresServer _postgres = null!;
    private string _database = null!;

    public async Task InitializeAsync()
    {
        if ((RedisServer.Missing ?? PostgresServer.Missing) is not null)
        {
            return;
        }

        (_redis, _postgres) = (await RedisServer.StartAsync(), await PostgresServer.StartAsync());
        _database = await _postgres.CreateDatabaseAsync();
        var answers = FakeOpenAI.Handler(FakeAnswer.Text("All ", "is ", "well"));
        _provider.Handler = request => answers(request).AfterWaitingFor(_gate.Opened);
        _gateways.AddRange(Enumerable.Range(0, Replicas).Select(Start));
        foreach (var gateway in _gateways)
        {
            await gateway.ReadyAsync();
            await Conditions.HoldsAsync(async () => !(await gateway.Http.GetStringAsync("/health")).Contains("degraded", StringComparison.Ordinal));
        }
    }

    public async Task DisposeAsync()
    {
        _gate.Dispose();
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await _provider.DisposeAsync();
        if (_postgres is not null)
        {
            await _redis.DisposeAsync();
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [ReplicasFact]
    public async Task HundredDuplicatesAtOnce_OverThreeProcesses_MakeOneCallAndGetOneAnswer()
    {
        foreach (var (streaming, calls) in new[] { (false, 1), (true, 2) })
        {
            var sent = Enumerable.Range(0, Duplicates).Select(number => SendAsync(number % Replicas, streaming)).ToArray();
            await _provider.WaitForAsync(() => _provider.Requests.Count == calls);
            _gate.Open();
            var replies = await Task.WhenAll(sent);

            replies.Select(reply => reply.Status).ShouldAllBe(status => status == 200);
            replies.Select(reply => reply.Body).Distinct().Count().ShouldBe(1);
            replies.Count(reply => !reply.IsReplayed).ShouldBe(1);
            replies.Select(reply => reply["X-LlmOps-Degraded"]).ShouldAllBe(degraded => degraded.Length == 0);
            _provider.Requests.Count.ShouldBe(calls);
        }

        // Each has its row; one of them has a call, and what it cost.
        await Conditions.HoldsAsync(async () => await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE outcome = 'ok'") == 2 * Duplicates);
        (await ScalarAsync("SELECT COUNT(*) FROM ledger_attempts")).ShouldBe(2);
        (await ScalarAsync("SELECT COUNT(*) FROM ledger WHERE cost_nano > 0")).ShouldBe(2);
    }

    [ReplicasFact]
    public async Task ProcessThatIsKilledDuringTheCall_OneOfThoseWhoWaitMakesIt()
    {
        var lost = SendAsync(0, streaming: false);
        await _provider.WaitForAsync(() => _provider.Requests.Count == 1);
        var waiting = Enumerable.Range(1, 4).Select(number => SendAsync(1 + number % 2, streaming: false)).ToArray();

        await _gateways[0].KillAsync();
        await Should.ThrowAsync<HttpRequestException>(lost);
        await _provider.WaitForAsync(() => _provider.Requests.Count == 2);
        _gate.Open();

        var replies = await Task.WhenAll(waiting);
        replies.Select(reply => reply.Status).ShouldAllBe(status => status == 200);
        replies.Count(reply => !reply.IsReplayed).ShouldBe(1);
        _provider.Requests.Count.ShouldBe(2);
    }

    private Task<IdempotentReply> SendAsync(int replica, bool streaming) => _gateways[replica].Http.SendOnceAsync(
        $$"""{"model":"gpt-4o-mini","stream":{{(streaming ? "true" : "false")}},"max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}""", $"k-{streaming}", credential: AdministratorKey);

    private GatewayProcess Start(int replica) => GatewayProcess.Start(
        Directory.CreateDirectory(Path.Combine(_folder, replica.ToString(CultureInfo.InvariantCulture))).FullName,
        ("REDIS_URL", $"redis://{_redis.Address}"),
        ("DATABASE_URL", _database),
        ("OPENAI_API_KEY", "sk-fake"),
        ("OPENAI_BASE_URL", new Uri(_provider.BaseAddress, "v1").ToString()),
        ("LLMOPS_ADMIN_KEY", AdministratorKey),
        ("LLM_ENABLE_AUTH", "true"),
        ("Gateway__DetectOllama", "false"),

        // Two cores for three gateways and a hundred callers: a slow answer of Redis must not pass for none.
        ("Gateway__Redis__CallTimeout", "30s"));

    private async Task<long> ScalarAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(PostgresConnectionString.Parse(_database).ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync() is long value ? value : 0;
    }
}
