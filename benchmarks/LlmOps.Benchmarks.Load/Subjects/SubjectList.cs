namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Everything that is measured, in the order of the tables' rows. A feature that costs something adds its switch to "all on" or a row.</summary>
internal static class SubjectList
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string Yarp = "yarp";
    public const string Portkey = "portkey";
    public const string Gateway = "llmops";
    public const string GatewayWithoutLog = "llmops, no log";
    public const string GatewayKeyed = "llmops, key";
    public const string GatewayCached = "llmops, cached";
    public const string GatewayRedis = "llmops, redis";
    public const string GatewayMissing = "llmops, missing";
    public const string GatewayBypassing = "llmops, bypassing";
    public const string GatewayGuarded = "llmops, guarded";
    public const string GatewayUnguarded = "llmops, unguarded";
    public const string GatewayGuardedNew = "llmops, guarded, new";
    public const string GatewayUnguardedNew = "llmops, unguarded, new";
    public const string GatewayTelemetry = "llmops, telemetry";
    public const string GatewayUntold = "llmops, untold";
    public const string Bare = "bare";
    public const string BareRedis = "bare, redis";

    /// <summary>The gateway's administrator's key, where a subject sets one.</summary>
    public const string AdministratorKey = "sk-bench-administrator";

    // Otherwise it would be cached at temperature 0 only, which Payload's requests do not have.
    private static readonly string[] Cached = ["Authorization: Bearer sk-bench", "X-LlmOps-Cache: exact"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Subject> All { get; } =
    [
        new(Direct) { IsDotNet = true },
        new(Nginx) { Command = NginxProxy.Command },
        new(Yarp) { IsDotNet = true, Command = site => new(site.Workspace.Servers, "yarp", $"{site.Port}", site.Upstream) },
        new("forward")
        {
            IsDotNet = true,
            HasStreams = false,
            IsSideLight = true,
            Command = site => new(site.Workspace.Servers, "forward", $"{site.Port}", site.Upstream),
        },
        new(Bare)
        {
            IsDotNet = true,
            HasStreams = false,
            HasUpstream = false,
            IsSideLight = true,
            Command = site => new(site.Workspace.Servers, "bare", $"{site.Port}"),
        },
        new(BareRedis)
        {
            Fault = _ => RedisServer.Fault,
            IsDotNet = true,
            HasStreams = false,
            HasUpstream = false,
            IsSideLight = true,
            Command = site => new(site.Workspace.Servers, "bare", $"{site.Port}", site.Redis),
        },
        new(Portkey)
        {
            Fault = workspace => workspace.PortkeyFault,
            Headers = site => ["Authorization: Bearer sk-bench", "x-portkey-provider: openai", $"x-portkey-custom-host: {site.Upstream}/v1"],
            Command = site => new("node", "--require", Workspace.Own("portkey-node20.cjs"), site.Workspace.Portkey, "--headless", $"--port={site.Port}")
            {
                // As in production; and 127.0.0.1 is named so that it may be a custom host whatever the defaults become.
                Environment = new Dictionary<string, string> { ["NODE_ENV"] = "production", ["TRUSTED_CUSTOM_HOSTS"] = "127.0.0.1" },
            },
        },
        new(Gateway) { IsDotNet = true, Command = site => LlmOps(site) },
        new(GatewayWithoutLog) { IsDotNet = true, IsSideLight = true, Command = site => LlmOps(site, ("Logging__LogLevel__Default", "Warning")) },
        new(GatewayKeyed)
        {
            IsDotNet = true,
            IsSideLight = true,
            Prepare = GatewayKey.MakeAsync,
            Command = site => LlmOps(site, ("Gateway__Access__Mode", "Required"), ("LLMOPS_ADMIN_KEY", AdministratorKey)),
        },
        new("llmops, levels")
        {
            IsDotNet = true,
            IsSideLight = true,
            Prepare = GatewayKey.MakeUnderLevelsAsync,
            Command = site => LlmOps(site, ("Gateway__Access__Mode", "Required"), ("LLMOPS_ADMIN_KEY", AdministratorKey)),
        },
        new(GatewayCached)
        {
            IsDotNet = true,
            HasStreams = false,
            HasUpstream = false,
            IsSideLight = true,
            CacheStatus = "hit-memory",
            Headers = _ => Cached,
            Command = site => LlmOps(site),
        },
        new(GatewayRedis)
        {
            Fault = _ => RedisServer.Fault,
            IsDotNet = true,
            HasStreams = false,
            HasUpstream = false,
            IsSideLight = true,
            CacheStatus = "hit-redis",
            Headers = _ => Cached,
            Command = site => LlmOps(site, ("REDIS_URL", $"redis://{site.Redis}"), ("Gateway__Caching__MaxMemoryBytes", "0")),
        },
        new(GatewayMissing)
        {
            IsDotNet = true,
            HasStreams = false,
            IsSideLight = true,
            VariesRequests = true,
            CacheStatus = "miss",
            Headers = _ => Cached,
            Command = site => LlmOps(site),
        },
        new(GatewayBypassing) { IsDotNet = true, HasStreams = false, IsSideLight = true, VariesRequests = true, CacheStatus = "bypass", Command = site => LlmOps(site) },
        new(GatewayGuarded) { IsDotNet = true, HasStreams = false, IsSideLight = true, HasLongPrompts = true, Command = site => LlmOps(site, Guards("Enforce")) },
        new(GatewayUnguarded) { IsDotNet = true, HasStreams = false, IsSideLight = true, HasLongPrompts = true, Command = site => LlmOps(site, Guards("Off")) },

        // A text that was found clean is known when it comes again, as system prompts and the history of conversations do; these never do.
        new(GatewayGuardedNew) { IsDotNet = true, HasStreams = false, IsSideLight = true, HasLongPrompts = true, VariesRequests = true, Command = site => LlmOps(site, Guards("Enforce")) },
        new(GatewayUnguardedNew) { IsDotNet = true, HasStreams = false, IsSideLight = true, HasLongPrompts = true, VariesRequests = true, Command = site => LlmOps(site, Guards("Off")) },
        new(GatewayTelemetry) { IsDotNet = true, IsSideLight = true, TellsTelemetry = true, Command = site => LlmOps(site, Observers(site)) },
        new("llmops, telemetry, otlp")
        {
            IsDotNet = true,
            IsSideLight = true,
            TellsTelemetry = true,
            Command = site => LlmOps(site, [.. Observers(site), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{site.Sink}/v1/traces"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf")]),
        },
        new(GatewayUntold)
        {
            IsDotNet = true,
            IsSideLight = true,
            Command = site => LlmOps(site, ("Gateway__Telemetry__Traces__Enabled", "false"), ("Gateway__Telemetry__Metrics", "false")),
        },
        // Two tools are offered to the model, which calls none: what that costs beside "llmops", which has no tools and is not to pay for them.
        new("llmops, tools")
        {
            IsDotNet = true,
            IsSideLight = true,
            Command = site => LlmOps(site, ("Gateway__Functions__Offer__0", "current_time"), ("Gateway__Functions__Offer__1", "calculator")),
        },
        new("llmops, all on")
        {
            IsDotNet = true,
            Headers = _ => [$"Authorization: Bearer {AdministratorKey}"],
            Command = site => LlmOps(site,
                ("Gateway__Access__Mode", "Required"),
                ("LLMOPS_ADMIN_KEY", AdministratorKey),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", site.Sink),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")),
        },
    ];

    /// <summary>The subject of the name.</summary>
    public static Subject Named(string name) => All.First(subject => subject.Name == name);

    // All that look at prompts and answers themselves; a schema or a judge is another call.
    private static readonly string[] GuardsOfTexts = ["PromptInjection", "Secrets", "PersonalData", "BlockedWords", "Length"];

    private static (string Name, string Value)[] Guards(string mode) =>
    [
        .. GuardsOfTexts.Select(guard => ($"Gateway__Guardrails__{guard}", mode)),
        ("Gateway__Guardrails__BlockedWordList", "project falcon,moonshot"),
        ("Gateway__Guardrails__MaxPromptCharacters", "100000"),
    ];

    // Traces in the gateway's own store and metrics are on where nothing else is said.
    private static (string Name, string Value)[] Observers(Site site) =>
    [
        ("LANGFUSE_HOST", $"{site.Sink}/langfuse"),
        ("LANGFUSE_PUBLIC_KEY", "pk-lf-bench"),
        ("LANGFUSE_SECRET_KEY", "sk-lf-bench"),
        ("MLFLOW_TRACKING_URI", $"{site.Sink}/mlflow"),
    ];

    /// <summary>The gateway as it is installed: everything at its default but where it listens, where its data lies and who its provider is; and what is switched.</summary>
    public static ServerCommand LlmOps(Site site, params (string Name, string Value)[] switches) => new(site.Workspace.Gateway)
    {
        Environment = new Dictionary<string, string>(switches.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))
        {
            ["OPENAI_API_KEY"] = "sk-bench",
            ["OPENAI_BASE_URL"] = $"{site.Upstream}/v1",
            ["Gateway__Endpoints__Port"] = $"{site.Port}",
            ["Gateway__Data__Folder"] = Directory.CreateDirectory(Path.Combine(site.Folder, "data")).FullName,
        },
    };
}
