using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LlmOps.AppHost.Tests.Orchestrated;

/// <summary>One full graph for all tests: its start pulls images and models.</summary>
public sealed class FullGraph : IAsyncLifetime
{
    private RunningGraph? _running;

    /// <summary>It, running.</summary>
    internal RunningGraph Running => _running ?? throw new InvalidOperationException("The full graph is started for tests that need Docker alone.");

    public async Task InitializeAsync()
    {
        if (new DockerFactAttribute().Skip is null)
        {
            _running = await RunningGraph.StartAsync();
        }
    }

    public Task DisposeAsync() => _running?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}

/// <summary>The full graph on a Docker engine: what is wired arrives.</summary>
public sealed class FullGraphTests(FullGraph full) : IClassFixture<FullGraph>
{
    private RunningGraph Graph => full.Running;

    [DockerFact]
    public async Task EverythingThatServes_GetsWell()
    {
        foreach (var name in (string[])["gateway", "redis", "postgres", "qdrant", "tei", "langfuse", "mlflow", "ollama"])
        {
            await Graph.HealthyAsync(name);
        }

        using var gateway = await GatewayAsync();
        await RunningGraph.HoldsAsync(async () =>
        {
            var health = await gateway.GetFromJsonAsync<JsonElement>("/health");
            return health.GetProperty("status").GetString() == "healthy";
        });
    }

    [DockerFact]
    public async Task Model_IsPulledAndChats()
    {
        (await Graph.EndedAsync("ollama-pull")).ShouldBe(0);
        using var gateway = await GatewayAsync();

        using var response = await ChatAsync(gateway, "ollama/llama3.2", "Answer with one word: what colour is the sky?");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("X-LlmOps-Provider").ShouldBe(["ollama"]);
    }

    [DockerFact]
    public async Task SameRequestAtAnotherReplica_ComesFromRedis()
    {
        using var gateway = await GatewayAsync();
        var prompt = $"What is 6 * 7? {Guid.NewGuid()}";
        var outcomes = new HashSet<string>();

        // Connections are spread over the replicas; the one that has not answered it yet has it from Redis.
        await RunningGraph.HoldsAsync(async () =>
        {
            using var response = await ChatAsync(gateway, "offline", prompt);
            outcomes.Add(Outcome(response));
            return outcomes.Contains("hit-redis");
        });
    }

    [DockerFact]
    public async Task SameQuestionInOtherWords_HitsThroughTeiAndQdrant()
    {
        await Graph.HealthyAsync("tei");
        await Graph.HealthyAsync("qdrant");
        using var gateway = await GatewayAsync();
        using var first = await ChatAsync(gateway, "offline", "What is the capital of France?");
        first.StatusCode.ShouldBe(HttpStatusCode.OK);

        // It is kept in the background.
        await RunningGraph.HoldsAsync(async () =>
        {
            using var second = await ChatAsync(gateway, "offline", "what's the capital of France");
            return Outcome(second) == "hit-semantic";
        });
    }

    [DockerFact]
    public async Task Request_BecomesATraceInLangfuse()
    {
        await Graph.HealthyAsync("langfuse");
        using var gateway = await GatewayAsync();
        using var langfuse = await Graph.ClientAsync("langfuse");
        var keys = $"{await Graph.ParameterAsync("langfuse-public-key")}:{await Graph.ParameterAsync("langfuse-secret-key")}";
        langfuse.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(keys)));
        var session = $"session-{Guid.NewGuid():N}";
        gateway.DefaultRequestHeaders.Add("X-LlmOps-Session", session);

        using var response = await ChatAsync(gateway, "offline", "What is 6 * 8?");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await RunningGraph.HoldsAsync(async () =>
        {
            var traces = await langfuse.GetFromJsonAsync<JsonElement>($"/api/public/traces?sessionId={session}");
            return traces.GetProperty("data").GetArrayLength() > 0;
        });
    }

    [DockerFact]
    public async Task Request_BecomesARunInMlflow()
    {
        await Graph.HealthyAsync("mlflow");
        using var gateway = await GatewayAsync();
        using var mlflow = await Graph.ClientAsync("mlflow");

        using var response = await ChatAsync(gateway, "offline", "What is 6 * 9?");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await RunningGraph.HoldsAsync(async () =>
        {
            using var found = await mlflow.GetAsync("/api/2.0/mlflow/experiments/get-by-name?experiment_name=llmops-gateway");
            if (!found.IsSuccessStatusCode)
            {
                return false;
            }

            var experiment = await found.Content.ReadFromJsonAsync<JsonElement>();
            var id = experiment.GetProperty("experiment").GetProperty("experiment_id").GetString();
            using var search = await mlflow.PostAsJsonAsync("/api/2.0/mlflow/runs/search", new { experiment_ids = new[] { id }, max_results = 1 });
            var runs = await search.Content.ReadFromJsonAsync<JsonElement>();
            return runs.TryGetProperty("runs", out var list) && list.GetArrayLength() > 0;
        });
    }

    [DockerFact]
    public async Task Evaluator_TellsTheGatewayWhatItFound()
    {
        await Graph.HealthyAsync("gateway");
        await Graph.StartByHandAsync("evaluator");

        // 1 is a regression that it found: an evaluation all the same.
        (await Graph.EndedAsync("evaluator")).ShouldBeOneOf(0, 1);
        using var gateway = await GatewayAsync();
        var evaluations = await gateway.GetStringAsync("/admin/evaluations");
        evaluations.ShouldContain("summarizer");
    }

    [DockerFact]
    public async Task LabelSwitchedInTheDashboard_IsInForceOnAllReplicas()
    {
        await Graph.HealthyAsync("gateway");
        using var gateway = await GatewayAsync();

        (await Graph.CommandAsync("gateway", "switch-label", ("prompt", "summarizer"), ("label", "production"), ("version", "v1"))).Success.ShouldBeTrue();

        var inARow = 0;
        await RunningGraph.HoldsAsync(async () =>
        {
            using var rendered = await gateway.PostAsJsonAsync("/prompts/summarizer/render", new { variables = new { text = "A text." } });
            var version = (await rendered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetString();
            inARow = version == "v1" ? inARow + 1 : 0;
            return inARow == 10;
        });
    }

    // Two replicas take turns by connection; none is kept, so that each request may meet either.
    private async Task<HttpClient> GatewayAsync()
    {
        await Graph.HealthyAsync("gateway");
        var gateway = await Graph.ClientAsync("gateway");
        gateway.DefaultRequestHeaders.ConnectionClose = true;
        return gateway;
    }

    private static Task<HttpResponseMessage> ChatAsync(HttpClient gateway, string model, string prompt) =>
        gateway.PostAsJsonAsync("/chat", new { prompt, model });

    private static string Outcome(HttpResponseMessage response) => response.Headers.GetValues("X-LlmOps-Cache").Single();
}
