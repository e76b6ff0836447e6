using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Storage;

/// <summary>Where the gateway's records are, and how long it waits for them. Read at start only.</summary>
internal sealed record StorageOptions
{
    /// <summary>The PostgreSQL that has the records: postgres://user:password@host:5432/database, or Host=…;Username=…;Password=…;Database=… as Npgsql has it. Unset: ConnectionStrings:llmops, else SQLite in the data folder. All storage settings are read at start only.</summary>
    public Secret? ConnectionString { get; set; }

    /// <summary>Longest wait for the database, that for a free connection included; then the gateway goes on without. What it asks takes milliseconds; a batch of the ledger on a busy server, or reading all keys, can take some hundred. PostgreSQL gives up by itself after the same time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections to PostgreSQL at most, beside the one that listens for changes.</summary>
    [Range(1, 1000)]
    public int MaxConnections { get; set; } = 8;

    /// <summary>When a database that fails is left alone.</summary>
    public StorageBreakerOptions Breaker { get; set; } = new();

    /// <summary>Whether these are other settings.</summary>
    public bool Differs(StorageOptions other) =>
        ConnectionString?.Reveal() != other.ConnectionString?.Reveal() || this with { ConnectionString = null } != other with { ConnectionString = null };
}

/// <summary>When a PostgreSQL that fails is left alone, and for how long.</summary>
internal sealed record StorageBreakerOptions
{
    /// <summary>The calls of the last so long count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls in the window below which it never opens; so many failures in a row open it whatever was before.</summary>
    [Range(1, 1_000_000)]
    public int MinimumCalls { get; set; } = 5;

    /// <summary>Share of them without an answer from which it opens, above 0 to 1.</summary>
    [Range(0.01, 1.0)]
    public float FailureRatio { get; set; } = 0.5f;

    /// <summary>How long it stays open until a single call may show whether the database answers again. The gateway makes one by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The same for the breaker; a slow call is one past its deadline, which has failed already.</summary>
    public BreakerOptions ToBreaker() => new()
    {
        Window = Window,
        MinimumCalls = MinimumCalls,
        FailureRatio = FailureRatio,
        Cooldown = Cooldown,
        SlowCallDuration = TimeSpan.MaxValue,
    };
}
