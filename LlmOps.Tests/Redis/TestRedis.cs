using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Redis;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Redis;

/// <summary>A client of ours and what it logged. Its deadlines are long, but where they are tested.</summary>
internal sealed class TestRedis : IAsyncDisposable
{
    private readonly LoggerFactory _loggers;

    public TestRedis(string connectionString, Func<RedisOptions, RedisOptions>? change = null)
    {
        _loggers = new LoggerFactory([Logs]);
        var options = new RedisOptions
        {
            ConnectionString = new Secret(connectionString),
            CallTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = TimeSpan.FromSeconds(30),
            MaxPending = 100_000,
            Backoff = TimeSpan.FromMilliseconds(10),
            MaxBackoff = TimeSpan.FromMilliseconds(100),
            Breaker = new RedisBreakerOptions { Cooldown = TimeSpan.FromMilliseconds(100) },
        };
        var faults = new List<string>();
        var settings = RedisSettings.Read(change?.Invoke(options) ?? options, faults);
        faults.ShouldBeEmpty();
        Client = new RedisClient(settings!, TimeProvider.System, _loggers.CreateLogger<RedisClient>());
    }

    public RedisClient Client { get; }

    public CollectedLogs Logs { get; } = new();

    /// <summary>What was logged for people, each line with its level's first letter before it.</summary>
    public IEnumerable<string> Lines => Logs.All.Where(log => log.Level >= LogLevel.Information).Select(log => $"{log.Level.ToString()[0]} {log.Message}");

    /// <summary>A client of a server, when it has connected.</summary>
    public static async Task<TestRedis> ConnectAsync(string connectionString, Func<RedisOptions, RedisOptions>? change = null)
    {
        var redis = new TestRedis(connectionString, change);
        await redis.AvailableAsync();
        return redis;
    }

    /// <summary>Waits until it can be used.</summary>
    public Task AvailableAsync() => Conditions.HoldsAsync(() => Task.FromResult(Client.IsAvailable));

    /// <summary>Waits until its first server is down for this reason.</summary>
    public Task DownAsync(string reason) => Conditions.HoldsAsync(() => Task.FromResult(Client.Servers[0].Fault?.Contains(reason, StringComparison.Ordinal) == true));

    /// <summary>Runs a command and waits for its text.</summary>
    public async Task<string> TextAsync(string command, params RedisArgument[] arguments) => (await Client.ExecuteAsync(command, arguments)).Text;

    /// <summary>Runs a command that must fail.</summary>
    public Task<RedisException> FailureAsync(string command, params RedisArgument[] arguments) =>
        Should.ThrowAsync<RedisException>(async () => await Client.ExecuteAsync(command, arguments));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _loggers.Dispose();
        Logs.Dispose();
    }
}
