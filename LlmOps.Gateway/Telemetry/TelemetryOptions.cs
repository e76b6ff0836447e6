using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Judge;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What is told of requests, and to whom. All but Capture and OnlineJudge is read at start only.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Whether metrics are gathered for GET /metrics.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Whether prompts and answers are a part of what is told.</summary>
    public CaptureOptions Capture { get; set; } = new();

    /// <summary>A model that scores a share of the answers.</summary>
    public OnlineJudgeOptions OnlineJudge { get; set; } = new();

    /// <summary>The gateway's own store of requests, for GET /admin/traces.</summary>
    public TraceStoreOptions Traces { get; set; } = new();

    /// <summary>Langfuse.</summary>
    public LangfuseOptions Langfuse { get; set; } = new();

    /// <summary>MLflow.</summary>
    public MLflowOptions MLflow { get; set; } = new();

    /// <summary>Kafka, through its REST proxy.</summary>
    public KafkaOptions Kafka { get; set; } = new();

    /// <summary>How all of them are sent.</summary>
    public DeliveryOptions Delivery { get; set; } = new();

    /// <summary>Checks what settings say together.</summary>
    /// <param name="faults">Takes what is wrong.</param>
    public void Validate(List<string> faults)
    {
        if (Kafka is { Enabled: true, RestUrl: null })
        {
            faults.Add($"{EnvironmentNames.Describe("Gateway:Telemetry:Kafka:RestUrl")} is missing; expected the REST proxy's address where {EnvironmentNames.Describe("Gateway:Telemetry:Kafka:Enabled")} is true.");
        }
    }
}

/// <summary>Whether prompts and answers are a part of traces. Off unless one of the first three says otherwise.</summary>
internal sealed class CaptureOptions
{
    /// <summary>Those of all requests.</summary>
    public bool Everything { get; set; }

    /// <summary>Those of these tenants.</summary>
    public List<string> Tenants { get; set; } = [];

    /// <summary>Those that are made from these prompts.</summary>
    public List<string> Prompts { get; set; } = [];

    /// <summary>Whether personal data and secrets are replaced, by [pii_email], [pii_phone], … , whatever the guardrails do with them.</summary>
    public bool Mask { get; set; }

    /// <summary>Longest text of one message and of an answer, in characters (UTF-16); what is longer is cut, and says so.</summary>
    [Range(1, 1_000_000)]
    public int MaxCharacters { get; set; } = 16_000;
}

/// <summary>The store of requests' traces.</summary>
internal sealed class TraceStoreOptions
{
    /// <summary>Whether there is one.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a trace is kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Most bytes of all traces, without what the database itself needs; the oldest go first.</summary>
    [Range(1_000_000, long.MaxValue)]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;
}

/// <summary>Langfuse, which is on where both keys are set.</summary>
internal sealed class LangfuseOptions
{
    /// <summary>Its address, without /api.</summary>
    public Uri Host { get; set; } = new("https://cloud.langfuse.com");

    /// <summary>The project's public key, pk-lf-….</summary>
    public string? PublicKey { get; set; }

    /// <summary>The project's secret key, sk-lf-….</summary>
    public Secret? SecretKey { get; set; }

    /// <summary>Langfuse's environment: lower case letters, digits, - and _. Unset: its default.</summary>
    [RegularExpression("^(?!langfuse)[a-z0-9_-]{1,40}$")]
    public string? Environment { get; set; }

    /// <summary>A sentence for each key that is missing for it to be on.</summary>
    public IEnumerable<string> Missing() =>
        new[] { (nameof(PublicKey), PublicKey is null), (nameof(SecretKey), SecretKey is null) }
            .Where(key => key.Item2).Select(key => $"{EnvironmentNames.Describe($"Gateway:Telemetry:Langfuse:{key.Item1}")} is missing.");
}

/// <summary>MLflow, which is on where its address is set.</summary>
internal sealed class MLflowOptions
{
    /// <summary>The tracking server's address.</summary>
    public Uri? TrackingUri { get; set; }

    /// <summary>The experiment that runs belong to; it is made where there is none.</summary>
    [StringLength(500, MinimumLength = 1, ErrorMessage = "is no experiment's name; expected 1 to 500 characters")]
    public string Experiment { get; set; } = "llmops-gateway";

    /// <summary>The user, where the server asks for one.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password.</summary>
    public Secret? Password { get; set; }
}

/// <summary>Kafka, through the REST proxy API v2 (Confluent REST Proxy, Redpanda), and the file that stands in for it.</summary>
internal sealed class KafkaOptions
{
    private const string TopicName = "^[a-zA-Z0-9._-]{1,249}$";
    private const string TopicFault = "is no topic's name; expected up to 249 letters, digits, dots, _ and -";

    /// <summary>Whether events are sent to Kafka.</summary>
    public bool Enabled { get; set; }

    /// <summary>The REST proxy's address. Needed where Enabled is set.</summary>
    public Uri? RestUrl { get; set; }

    /// <summary>The topic of requests.</summary>
    [RegularExpression(TopicName, ErrorMessage = TopicFault)]
    public string RequestTopic { get; set; } = "llm-requests";

    /// <summary>The topic of their numbers.</summary>
    [RegularExpression(TopicName, ErrorMessage = TopicFault)]
    public string MetricsTopic { get; set; } = "llm-metrics";

    /// <summary>The topic of those that failed.</summary>
    [RegularExpression(TopicName, ErrorMessage = TopicFault)]
    public string ErrorTopic { get; set; } = "llm-errors";

    /// <summary>The user, where the proxy asks for one.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password.</summary>
    public Secret? Password { get; set; }
}
