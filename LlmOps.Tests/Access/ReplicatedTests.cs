using System.Globalization;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using LlmOps.Tests.Storage;
using Npgsql;

namespace LlmOps.Tests.Access;

/// <summary>Tests of three gateways, each a process of its own, on one Redis and one PostgreSQL, in front of one fake provider.</summary>
public abstract class ReplicatedTests : IAsyncLifetime
{
    /// <summary>The key that administers them.</summary>
    private protected const string AdministratorKey = "sk-replicas-administrator";

    /// <summary>How many there are.</summary>
    private protected const int Replicas = 3;

    private RedisServer? _redis;
    private PostgresServer? _postgres;
    private string? _database;

    /// <summary>Where their data lie.</summary>
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("llmops-replicas-").FullName;

    private protected List<GatewayProcess> Gateways { get; } = [];

    private protected FakeServer Provider { get; } = new();

    private protected RedisServer Redis => _redis!;

    private protected PostgresServer Postgres => _postgres!;

    /// <summary>The database's address.</summary>
    private protected string Database => _database!;

    public async Task InitializeAsync()
    {
        if ((RedisServer.Missing ?? PostgresServer.Missing) is not null)
        {
            return;
        }

        (_redis, _postgres) = (await RedisServer.StartAsync(), await PostgresServer.StartAsync());
        _database = await _postgres.CreateDatabaseAsync();
        Gateways.AddRange(Enumerable.Range(0, Replicas).Select(Start));
        foreach (var gateway in Gateways)
        {
            await gateway.ReadyAsync();
            gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", AdministratorKey);
            await Conditions.HoldsAsync(async () => !(await gateway.Http.GetStringAsync("/health")).Contains("degraded", StringComparison.Ordinal));
        }
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        await Provider.DisposeAsync();
        if (_postgres is not null)
        {
            await Redis.DisposeAsync();
            await Postgres.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>What is set beside what all have.</summary>
    private protected virtual IEnumerable<(string Name, string Value)> Settings => [];

    /// <summary>Starts one, in its own folder.</summary>
    private protected GatewayProcess Start(int replica) => GatewayProcess.Start(
        Directory.CreateDirectory(Path.Combine(Folder, replica.ToString(CultureInfo.InvariantCulture))).FullName,
        [
            ("REDIS_URL", $"redis://{Redis.Address}"),
            ("DATABASE_URL", Database),
            ("OPENAI_API_KEY", "sk-fake"),
            ("OPENAI_BASE_URL", new Uri(Provider.BaseAddress, "v1").ToString()),
            ("LLMOPS_ADMIN_KEY", AdministratorKey),
            ("LLM_ENABLE_AUTH", "true"),
            ("Gateway__DetectOllama", "false"),

            // Two cores for three gateways and hundreds of callers: a slow answer of Redis must not pass for none.
            ("Gateway__Redis__CallTimeout", "30s"),
            .. Settings,
        ]);

    /// <summary>The number that a statement asks the database for; 0 for none.</summary>
    private protected async Task<long> ScalarAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(PostgresConnectionString.Parse(Database).ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync() is long value ? value : 0;
    }
}
