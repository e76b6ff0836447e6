using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Redis;

/// <summary>Where Redis is, and how long the gateway waits for it. Read at start only.</summary>
internal sealed record RedisOptions
{
    /// <summary>Where Redis is: redis://user:password@host:6379/0, rediss:// for TLS, or host:6379,password=…,ssl=true as StackExchange.Redis has it; several hosts are the nodes of a cluster to begin with. Unset: ConnectionStrings:redis, else no Redis. All Redis settings are read at start only.</summary>
    public Secret? ConnectionString { get; set; }

    /// <summary>Whether Redis is used. Unset: where a connection string is set.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Connections to each server. Calls share them and do not wait for each other's answers, so one is enough until a core is busy with it.</summary>
    [Range(1, 64)]
    public int MaxConnections { get; set; } = 1;

    /// <summary>Longest wait for an answer, the time in the queue included; then the gateway goes on without. Redis on the same network takes about one millisecond; this leaves room for its pauses (a fork, a slow script) and is little beside a model's answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest time to connect, TLS and logging in included. Nobody waits for it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Calls that may wait for their answers on one connection; further ones fail at once. Beside that, at most 64 MB wait to be sent.</summary>
    [Range(1, 1_000_000)]
    public int MaxPending { get; set; } = 10_000;

    /// <summary>The wait before connecting anew; each further one in a row is twice as long. All are random between half and the whole.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan Backoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before connecting anew.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>PEM file with the certificates of the authorities that may have issued the server's certificate. Unset: those the system trusts.</summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>When a server that fails is left alone.</summary>
    public RedisBreakerOptions Breaker { get; set; } = new();

    /// <summary>Whether these are other settings.</summary>
    public bool Differs(RedisOptions other) =>
        ConnectionString?.Reveal() != other.ConnectionString?.Reveal() || this with { ConnectionString = null } != other with { ConnectionString = null };
}

/// <summary>When a Redis server that fails is left alone, and for how long.</summary>
internal sealed record RedisBreakerOptions
{
    /// <summary>The calls of the last so long count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls in the window below which it never opens; so many failures in a row open it whatever was before.</summary>
    [Range(1, 1_000_000)]
    public int MinimumCalls { get; set; } = 10;

    /// <summary>Share of them without an answer from which it opens, above 0 to 1.</summary>
    [Range(0.01, 1.0)]
    public float FailureRatio { get; set; } = 0.5f;

    /// <summary>How long it stays open until a single call may show whether the server answers again. The gateway makes one each second by itself.</summary>
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
