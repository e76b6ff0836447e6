using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.AppHost;
using LlmOps.Tests.Access;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Deployment;

/// <summary>The graph of the AppHost as three processes see it: what they share, and what becomes of requests when they come and go.</summary>
public sealed class GraphTests(Graph graph) : IClassFixture<Graph>
{
    private const string Model = "llama3.2";

    [Fact]
    public void Gateways_AreGivenJustWhatTheAppHostGivesThem() =>
        Graph.Variables.Order().ShouldBe(GatewayEnvironment.For(Graph.Full).Order());

    [ReplicasFact]
    public async Task EveryPart_IsThereAndWell_AndAnEmptyKeyIsNone()
    {
        foreach (var gateway in graph.Gateways)
        {
            var dependencies = JsonElement.Parse(await gateway.Http.GetStringAsync("/health")).GetProperty("dependencies");
            foreach (var part in new[] { "redis", "postgresql", "qdrant", "tei", "langfuse", "mlflow", "kafka" })
            {
                dependencies.GetProperty(part).GetProperty("status").GetString().ShouldBe("healthy", part);
            }

            gateway.Output.ShouldContain("not configured: set OPENAI_API_KEY");
            gateway.Output.ShouldContain("+ groq");
            gateway.Output.ShouldContain("Admin key   as configured");
            using var unconfigured = await ChatAsync(gateway, "gpt-4o-mini", "Hi");
            unconfigured.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await unconfigured.Content.ReadAsStringAsync()).ShouldContain("OPENAI_API_KEY");
        }
    }

    [ReplicasTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerOfOne_IsKnownToTheOthers(bool streaming)
    {
        var question = $"Repeat the word shared, streamed: {streaming}";

        var kept = await graph.KeptAnswersAsync();
        (await CacheOfAsync(graph.Gateways[0], question, streaming)).ShouldBe("miss");
        await Conditions.HoldsAsync(async () => await graph.KeptAnswersAsync() > kept);

        foreach (var other in graph.Gateways.Skip(1))
        {
            (await CacheOfAsync(other, question, streaming)).ShouldBe("hit-redis");
        }

        (await CacheOfAsync(graph.Gateways[0], question, streaming)).ShouldBe("hit-memory");
        graph.Ollama.Requests.Count(request => request.BodyText.Contains(question, StringComparison.Ordinal)).ShouldBe(1);
    }

    [ReplicasFact]
    public async Task SameQuestionInOtherWords_IsAnsweredByAnotherOneFromQdrant()
    {
        (await CacheOfAsync(graph.Gateways[0], "What is the capital of France?")).ShouldBe("miss");
        await Conditions.HoldsAsync(() => Task.FromResult(graph.Vectors.Points.Values.Any(point => point.ToJsonString().Contains("France", StringComparison.Ordinal))));

        (await CacheOfAsync(graph.Gateways[1], "what's france's capital")).ShouldBe("hit-semantic");
    }

    [ReplicasFact]
    public async Task LimitOfAKey_IsOneForAll()
    {
        using var made = await Graph.AdministerAsync(graph.Gateways[0], HttpMethod.Post, "/admin/keys", """{"name":"nine a day","tenant":"acme","limits":{"requests_per_day":9}}""");
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var key = JsonElement.Parse(await made.Content.ReadAsStringAsync()).GetProperty("key").GetString()!;
        foreach (var gateway in graph.Gateways)
        {
            await Conditions.HoldsAsync(async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/verify") { Headers = { Authorization = new("Bearer", key) } };
                using var verified = await gateway.Http.SendAsync(request);
                return verified.IsSuccessStatusCode;
            });
        }

        var statuses = await Task.WhenAll(Enumerable.Range(0, 15).Select(async number =>
        {
            using var response = await ChatAsync(graph.Gateways[number % graph.Gateways.Count], Model, "Hi", number % 2 == 0, key: key);
            return response.StatusCode;
        }));

        statuses.Count(status => status == HttpStatusCode.OK).ShouldBe(9);
        statuses.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBe(6);
    }

    [ReplicasFact]
    public async Task LabelThatIsMovedOnOne_IsInForceOnAll()
    {
        foreach (var version in new[] { "v2", "v1" })
        {
            using var moved = await Graph.AdministerAsync(graph.Gateways[1], HttpMethod.Put, "/admin/prompts/translator/labels/production", $$"""{"version":"{{version}}"}""");
            moved.StatusCode.ShouldBe(HttpStatusCode.OK, await moved.Content.ReadAsStringAsync());

            foreach (var gateway in graph.Gateways)
            {
                await Conditions.HoldsAsync(async () => JsonElement.Parse(await gateway.Http.GetStringAsync("/prompts/translator")).GetProperty("labels").GetProperty("production").GetString() == version);
            }
        }
    }

    [ReplicasTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestsOfAll_AreToldToLangfuseMLflowAndKafka(bool streaming)
    {
        var before = RunsRequests();
        var ids = graph.Gateways.Select((_, replica) => $"told-by-{replica}-{streaming}").ToList();
        foreach (var (gateway, id) in graph.Gateways.Zip(ids))
        {
            using var response = await ChatAsync(gateway, Model, id, streaming, id: id);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        foreach (var id in ids)
        {
            await Conditions.HoldsAsync(() => Task.FromResult(
                graph.Langfuse.Made("trace-create").SingleOrDefault(trace => trace.At("metadata").TextAt("request_id") == id).TextAt("id") is { } trace
                && graph.MLflow.Spans.Any(span => span.Span.TraceId == trace)
                && graph.Kafka.Records("llm-requests").Any(record => record.Key == Guid.Parse(trace).ToString())));
        }

        await Conditions.HoldsAsync(() => Task.FromResult(RunsRequests() >= before + ids.Count));
    }

    [ReplicasFact]
    public async Task ProcessThatIsKilledUnderLoad_FailsNoRequest_AndLosesNothingOfTheLedger()
    {
        using var balancer = new LoadBalancer(graph);
        var load = LoadAsync(balancer, callers: 6, () => balancer.Asked >= 240);
        await Conditions.HoldsAsync(() => Task.FromResult(balancer.Answers.Count >= 80));

        await graph.Gateways[1].KillAsync();

        await load;
        balancer.Answers.Count.ShouldBe(balancer.Asked);
        await graph.ReplaceAsync(graph.Gateways[1]);
        List<string> recorded = [];
        await Conditions.HoldsAsync(async () => !balancer.Answers.Select(answer => answer.RequestId).Except(recorded = await graph.RecordedAsync()).Any());
        recorded.ShouldBeUnique();
    }

    [ReplicasFact]
    public async Task RollingRestartUnderLoad_FailsNoRequest_AndStreamsInFlightFinish()
    {
        var answers = graph.Ollama.Handler;
        var before = graph.Ollama.Requests.Count;
        using var balancer = new LoadBalancer(graph);
        var isOver = false;
        var load = LoadAsync(balancer, callers: 2, () => Volatile.Read(ref isOver) && balancer.Asked >= 60);
        try
        {
            foreach (var gateway in graph.Gateways.ToList())
            {
                using var gate = new Gate();
                graph.Ollama.Handler = request => FakeQuestion.Of(request).Text == "Take your time" ? Slow(gate) : answers(request);
                using var stream = await ChatAsync(gateway, Model, "Take your time", streaming: true);
                stream.StatusCode.ShouldBe(HttpStatusCode.OK);

                gateway.Terminate();

                await Conditions.HoldsAsync(async () =>
                {
                    using var ready = await gateway.Http.GetAsync("/health/ready");
                    return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
                });
                gate.Open();
                var read = await SseText.ReadAsync(stream);
                (read.Text, read.Done, read.Broken).ShouldBe(("That took time.", true, false));
                (await gateway.ExitAsync()).ShouldBe(0);
                await graph.ReplaceAsync(gateway);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            await load;
            graph.Ollama.Handler = answers;
        }

        // Each was answered, and none was asked of the provider again: what a gateway had begun it has finished.
        balancer.Answers.Count.ShouldBe(balancer.Asked);
        var asked = graph.Ollama.Requests.Skip(before).Select(request => FakeQuestion.Of(request).Text).Where(text => text != "Take your time").ToList();
        asked.ShouldBe(Enumerable.Range(1, balancer.Asked).Select(LoadBalancer.Question), ignoreOrder: true);
        await Conditions.HoldsAsync(async () => !balancer.Answers.Select(answer => answer.RequestId).Except(await graph.RecordedAsync()).Any());
    }

    private static Task LoadAsync(LoadBalancer balancer, int callers, Func<bool> isOver) => Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
    {
        while (!isOver())
        {
            await balancer.AskAsync();
        }
    }));

    private static FakeReply Slow(Gate gate)
    {
        var lines = FakeOllama.Chunks(FakeAnswer.Text("That ", "took ", "time.")).Select(line => line + "\n").ToList();
        return lines.Skip(1).Aggregate(
            FakeReply.Head(200, ("Content-Type", "application/x-ndjson")).Chunked().Piece(lines[0]).ThenWaitFor(gate.Opened), (reply, line) => reply.Piece(line));
    }

    private double RunsRequests() => graph.MLflow.Runs.SelectMany(run => run.Metrics).Where(metric => metric.Key == "requests").Sum(metric => (double)metric.Value);

    private static async Task<string> CacheOfAsync(GatewayProcess gateway, string question, bool streaming = false)
    {
        using var response = await ChatAsync(gateway, Model, question, streaming, more: "\"temperature\":0,");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain("You asked: ");
        return response.Headers.GetValues("X-LlmOps-Cache").Single();
    }

    private static async Task<HttpResponseMessage> ChatAsync(GatewayProcess gateway, string model, string question, bool streaming = false, string? id = null, string? key = null, string more = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(
                $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},{{more}}"messages":[{"role":"user","content":"{{question}}"}]}""", MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        if (id is not null)
        {
            request.Headers.Add("X-Request-ID", id);
        }

        return await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
