using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How requests are received.</summary>
internal sealed class EndpointOptions
{
    private int? _defaultMaxTokens;

    /// <summary>Name by which /health and /info call this service.</summary>
    public string ServiceName { get; set; } = "llmops-gateway";

    /// <summary>Version that /health and /info show. Unset: the program's own.</summary>
    public string? ServiceVersion { get; set; }

    /// <summary>Where to listen: localhost, an IP address, or * for all addresses; unless ASPNETCORE_URLS or --urls says otherwise. Read at start only.</summary>
    [ListenHost]
    public string Host { get; set; } = "localhost";

    /// <summary>Port to listen on, unless ASPNETCORE_URLS or --urls says otherwise. Read at start only.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>Largest accepted request body, in bytes; a larger one is a 413.</summary>
    [Range(typeof(long), "1024", "1073741824")]
    public long MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Temperature of a request that names none, on the endpoints outside /v1.</summary>
    [Range(0.0, 2.0)]
    public float DefaultTemperature { get; set; } = 0.7f;

    /// <summary>Most tokens of an answer where the request does not say, on the endpoints outside /v1; unset, /invoke has 1000.</summary>
    [Range(1, int.MaxValue)]
    public int DefaultMaxTokens
    {
        get => _defaultMaxTokens ?? 1024;
        set => _defaultMaxTokens = value;
    }

    /// <summary>The same for an endpoint that has a default of its own while this is unset.</summary>
    public int DefaultMaxTokensOr(int own) => _defaultMaxTokens ?? own;

    /// <summary>Web origins (such as https://app.example.com) whose pages may call the gateway; * allows all. None by default.</summary>
    [WebOrigins]
    public List<string> CorsOrigins { get; set; } = [];

    /// <summary>How long new requests are still served after SIGTERM, while /health/ready already says 503: as long as load balancers take to learn of it. Read at start only.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainDelay { get; set; }

    /// <summary>How long answers in flight may go on after that. Read at start only.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
