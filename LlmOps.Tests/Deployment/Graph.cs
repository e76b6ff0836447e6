using System.Globalization;
using System.Net.Http.Headers;
using LlmOps.AppHost;
using LlmOps.Tests.Docs;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;
using LlmOps.Tests.Storage;
using Npgsql;

namespace LlmOps.Tests.Deployment;

/// <summary>
/// The graph that LlmOps.AppHost makes, for a machine without Aspire and Docker: a real Redis, a real PostgreSQL, servers that speak the
/// protocols of the others, and three gateways, each a process that is told just what the AppHost tells it.
/// </summary>
public sealed class Graph : IAsyncLifetime
{
    /// <summary>The key that administers them.</summary>
    internal const string AdministratorKey = "sk-of-the-graphs-administrator";

    private const int Replicas = 3;
    private const string RedisPassword = "OfTheGraphsRedis";
    private const string QdrantKey = "OfTheGraphsQdrant";

    /// <summary>All parts of the graph.</summary>
    internal static readonly Part Full = Enum.GetValues<Part>().Aggregate((all, part) => all | part);

    // In the forms in which Aspire gives them.
    private static readonly Dictionary<string, Func<Graph, string>> Given = new()
    {
        [GatewayEnvironment.AdminKey] = _ => AdministratorKey,
        ["GEMINI_API_KEY"] = _ => "",
        ["OPENAI_API_KEY"] = _ => "",
        ["ANTHROPIC_API_KEY"] = _ => "",
        ["GROQ_API_KEY"] = _ => "gsk-nobody-asks-it",
        ["OPENROUTER_API_KEY"] = _ => "sk-or-nobody-asks-it",
        [GatewayEnvironment.PromptsFolder] = _ => Path.Combine(GeneratedDocs.RepositoryRoot(), "prompts"),
        [GatewayEnvironment.Redis] = graph => $"{graph._redis!.Address},password={RedisPassword}",
        [GatewayEnvironment.Database] = graph => graph._database!,
        [GatewayEnvironment.Qdrant] = graph => $"Endpoint={Url(graph._qdrant)};Key={QdrantKey}",
        [GatewayEnvironment.SemanticMode] = _ => "On",
        [GatewayEnvironment.Embeddings] = graph => Url(graph._tei),
        [GatewayEnvironment.LangfuseHost] = graph => Url(graph._langfuse),
        [GatewayEnvironment.LangfusePublicKey] = _ => FakeLangfuse.PublicKey,
        [GatewayEnvironment.LangfuseSecretKey] = _ => FakeLangfuse.SecretKey,
        [GatewayEnvironment.MlflowTrackingUri] = graph => Url(graph._mlflow),
        [GatewayEnvironment.OllamaHost] = graph => Url(graph.Ollama),
        [GatewayEnvironment.KafkaEnabled] = _ => "true",
        [GatewayEnvironment.KafkaRestUrl] = graph => Url(graph._kafka),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-graph-").FullName;

    // A model of embeddings to which all texts are alike: that two questions ask the same is for the verifier to say.
    private readonly FakeTei _embeddings = new() { Vectors = new FakeVectors { Send = vectors => [.. vectors.Select(_ => new float[] { 1, 0, 0, 0, 0, 0, 0, 0 })] } };
    private readonly FakeServer _qdrant;
    private readonly FakeServer _tei;
    private readonly FakeServer _langfuse;
    private readonly FakeServer _mlflow;
    private readonly FakeServer _kafka;
    private RedisServer? _redis;
    private PostgresServer? _postgres;
    private string? _database;

    public Graph()
    {
        _qdrant = new FakeServer(Vectors.Answer);
        _tei = new FakeServer(_embeddings.Answer);
        _langfuse = new FakeServer(Langfuse.Answer);
        _mlflow = new FakeServer(MLflow.Answer);
        _kafka = new FakeServer(Kafka.Answer);
    }

    /// <summary>The variables that the gateways are given.</summary>
    internal static IEnumerable<string> Variables => Given.Keys;

    /// <summary>The provider: it repeats what it was asked.</summary>
    internal FakeServer Ollama { get; } = new(FakeOllama.Handler(request => FakeAnswer.Text("You asked: ", FakeQuestion.Of(request).Text)));

    internal FakeQdrant Vectors { get; } = new() { ApiKey = QdrantKey };

    internal FakeLangfuse Langfuse { get; } = new("2.95.12");

    internal FakeMLflow MLflow { get; } = new();

    internal FakeKafkaRest Kafka { get; } = new("llm-requests", "llm-metrics", "llm-errors");

    /// <summary>The gateways.</summary>
    internal List<GatewayProcess> Gateways { get; } = [];

    public async Task InitializeAsync()
    {
        if ((RedisServer.Missing ?? PostgresServer.Missing) is not null)
        {
            return;
        }

        // How long this machine takes, which has two cores for all of it, is no part of what is shown.
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "appsettings.json"),
            """{"Gateway":{"Redis":{"CallTimeout":"30s"},"Storage":{"CallTimeout":"30s"},"Embeddings":{"Timeout":"30s"},"Caching":{"Semantic":{"Qdrant":{"CallTimeout":"30s"}}}}}""");
        (_redis, _postgres) = (await RedisServer.StartAsync("--requirepass", RedisPassword), await PostgresServer.StartAsync());
        var name = new Uri(await _postgres.CreateDatabaseAsync()).AbsolutePath[1..];
        _database = $"Host=127.0.0.1;Port={_postgres.Port};Username={PostgresServer.User};Password={PostgresServer.Password};Database={name}";
        Gateways.AddRange(Enumerable.Range(0, Replicas).Select(_ => Start()));
        foreach (var gateway in Gateways)
        {
            await HealthyAsync(gateway);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        foreach (var server in new[] { _qdrant, _tei, _langfuse, _mlflow, _kafka, Ollama })
        {
            await server.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _redis!.DisposeAsync();
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
        (string, FakeServer)[] servers = [("qdrant", _qdrant), ("tei", _tei), ("langfuse", _langfuse), ("mlflow", _mlflow), ("kafka", _kafka), ("ollama", Ollama)];
        servers.SelectMany(server => server.Item2.Faults.Select(fault => $"{server.Item1}: {fault}")).ShouldBeEmpty();
    }

    /// <summary>Starts another one in the place of one that is gone, and waits until all is well with it.</summary>
    internal async Task<GatewayProcess> ReplaceAsync(GatewayProcess gone)
    {
        var place = Gateways.IndexOf(gone);
        await gone.DisposeAsync();
        Gateways[place] = Start();
        await HealthyAsync(Gateways[place]);
        return Gateways[place];
    }

    /// <summary>Sends as the administrator.</summary>
    internal static async Task<HttpResponseMessage> AdministerAsync(GatewayProcess gateway, HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new("Bearer", AdministratorKey) } };
        request.Content = json is null ? null : new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        return await gateway.Http.SendAsync(request);
    }

    /// <summary>How many answers are kept in Redis.</summary>
    internal async Task<int> KeptAnswersAsync() =>
        (await _redis!.CliAsync("-a", RedisPassword, "--no-auth-warning", "KEYS", $"llmops:cache:{new string('?', 64)}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>The ids that callers gave to requests which the ledger has as answered.</summary>
    internal async Task<List<string>> RecordedAsync()
    {
        List<string> recorded = [];
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT request_id FROM ledger WHERE outcome = 'ok'", connection);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            recorded.Add(rows.GetString(0));
        }

        return recorded;
    }

    private static string Url(FakeServer server) => server.BaseAddress.ToString().TrimEnd('/');

    // Where one listens is Aspire's to say, and all of a machine have one data folder.
    private GatewayProcess Start()
    {
        var port = Ports.Free();
        return GatewayProcess.StartWith(_folder, port, [
            .. Given.Select(variable => (variable.Key, variable.Value(this))),
            ("ASPNETCORE_URLS", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}")),
            ("Gateway__Data__Folder", Path.Combine(_folder, "data")),
        ]);
    }

    private static async Task HealthyAsync(GatewayProcess gateway)
    {
        await gateway.ReadyAsync();
        await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/health")).Contains("\"status\":\"healthy\",\"service\"", StringComparison.Ordinal));
    }
}
