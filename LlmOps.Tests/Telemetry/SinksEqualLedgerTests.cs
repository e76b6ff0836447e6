using System.Globalization;
using System.Text.Json;
using Dapper;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Telemetry;

/// <summary>Tokens and money are the same in every sink as in the ledger, whatever becomes of requests; all of it over real sockets.</summary>
public sealed class SinksEqualLedgerTests : GatewayTests
{
    private readonly FakeMLflow _mlflow = new();
    private readonly FakeKafkaRest _kafka = new("llm-requests", "llm-metrics", "llm-errors");
    private readonly List<FakeServer> _servers = [];

    public SinksEqualLedgerTests() => Gateway.With("Gateway:Telemetry:Delivery:Interval", "1ms").With("Gateway:Telemetry:Delivery:Backoff", "10ms");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
            server.Faults.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("2.95.12")]
    [InlineData("3.225.4")]
    [InlineData("4.16.0")]
    public async Task TokensAndCost_AreThoseOfTheLedger_StreamedOrNot_CachedOrNot(string version)
    {
        var langfuse = new FakeLangfuse(version);
        Gateway
            .With("Gateway:Telemetry:Langfuse:Host", Serve(langfuse.Answer).ToString())
            .With("Gateway:Telemetry:Langfuse:PublicKey", FakeLangfuse.PublicKey)
            .With("Gateway:Telemetry:Langfuse:SecretKey", FakeLangfuse.SecretKey)
            .With("Gateway:Telemetry:MLflow:TrackingUri", Serve(_mlflow.Answer).ToString())
            .With("Gateway:Telemetry:Kafka:Enabled", "true")
            .With("Gateway:Telemetry:Kafka:RestUrl", Serve(_kafka.Answer).ToString());

        var asked = await AskAsync();
        var rows = await LedgerAsync(asked);

        await Conditions.HoldsAsync(() => Task.FromResult(_kafka.Records("llm-metrics").Count == asked && Metric("requests") == asked && Generations(langfuse).Count == rows.Count(row => row.Attempts > 0)));
        _kafka.Records("llm-metrics").Select(record => (record.Key, Number(record.Value, "input_tokens"), Number(record.Value, "output_tokens"), Number(record.Value, "cost_usd")))
            .ShouldBe(rows.Select(row => (row.Id, (double?)row.Input, (double?)row.Output, (double?)(row.Cost / 1e9))), ignoreOrder: true);
        _kafka.Records("llm-errors").Select(record => record.Key).ShouldBe(rows.Where(row => row.Outcome != "ok").Select(row => row.Id), ignoreOrder: true);
        Metric("input_tokens").ShouldBe(rows.Sum(row => row.Input ?? 0));
        Metric("output_tokens").ShouldBe(rows.Sum(row => row.Output ?? 0));
        Metric("cost_usd").ShouldBe(rows.Sum(row => row.Cost ?? 0) / 1e9, 1e-12);
        Generations(langfuse).Select(sent => sent.Input).Sum().ShouldBe(rows.Sum(row => row.Input ?? 0));
        Generations(langfuse).Select(sent => sent.Output).Sum().ShouldBe(rows.Sum(row => row.Output ?? 0));
        Generations(langfuse).Select(sent => sent.Cost).Sum().ShouldBe(rows.Sum(row => row.Cost ?? 0) / 1e9, 1e-12);
        (await StateAsync("langfuse", "mlflow", "kafka")).ShouldAllBe(state => state.StartsWith("healthy", StringComparison.Ordinal) && state.Contains(" 0 dropped", StringComparison.Ordinal));
    }

    private async Task<int> AskAsync()
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hel", "lo"), GatewayApplication.ProviderKey);
        var bodies = new[] { Request(false), Request(true), Cached(false, "A"), Cached(false, "A"), Cached(true, "A"), Cached(true, "B"), Cached(true, "B"), """{"model":"gpt-4o","messages":"none"}""" };
        foreach (var body in bodies)
        {
            using var response = await Gateway.CompleteAsync(body);
            await response.Content.ReadAsStringAsync();
        }

        Fake.Handler = _ => FakeOpenAI.Error(500, "down");
        using (await Gateway.CompleteAsync(Request(false)))
        {
        }

        return bodies.Length + 1;
    }

    private static string Cached(bool streaming, string text) =>
        $$"""{"model":"gpt-4o","temperature":0,"stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"{{text}}"}]}""";

    private async Task<IReadOnlyList<Row>> LedgerAsync(int count)
    {
        var database = Gateway.Services.GetRequiredService<IDatabase>();
        IReadOnlyList<Row> rows = [];
        await Conditions.HoldsAsync(async () =>
        {
            rows = [.. await database.ReadAsync(connection => connection.QueryAsync<Row>(
                """
                SELECT id, outcome, input_tokens AS Input, output_tokens AS Output, cost_nano AS Cost,
                (SELECT COUNT(*) FROM ledger_attempts WHERE ledger_attempts.id = ledger.id) AS Attempts FROM ledger ORDER BY id
                """))];
            return rows.Count == count;
        });
        return rows;
    }

    private Uri Serve(Func<ReceivedRequest, FakeReply> answer)
    {
        var server = new FakeServer(answer);
        _servers.Add(server);
        return server.BaseAddress;
    }

    private double Metric(string name) => _mlflow.Runs.SelectMany(run => run.Metrics).Where(metric => metric.Key == name).Sum(metric => (double)metric.Value);

    private static double? Number(JsonElement value, string name) => value.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : null;

    // What each version of Langfuse was told of the calls to providers.
    private static List<(double Input, double Output, double Cost)> Generations(FakeLangfuse langfuse) => langfuse.Major == 2
        ? [.. langfuse.Made("generation-create").Select(made => made.TryGetProperty("usage", out var usage) ? (Number(usage, "input") ?? 0, Number(usage, "output") ?? 0, Number(usage, "totalCost") ?? 0) : (0, 0, 0))]
        : [.. langfuse.Spans.Where(span => Equals(span.Attributes.GetValueOrDefault("langfuse.observation.type"), "generation"))
            .Select(span => (Detail(span, "langfuse.observation.usage_details", "input"), Detail(span, "langfuse.observation.usage_details", "output"), Detail(span, "langfuse.observation.cost_details", "total")))];

    private static double Detail(DecodedSpan span, string attribute, string name) =>
        span.Attributes.GetValueOrDefault(attribute) is string json ? Number(JsonElement.Parse(json), name) ?? 0 : 0;

    private async Task<IEnumerable<string>> StateAsync(params string[] sinks)
    {
        var health = JsonElement.Parse(await Gateway.Http.GetStringAsync("/health")).GetProperty("dependencies");
        return sinks.Select(sink => $"{health.GetProperty(sink).GetProperty("status").GetString()} {health.GetProperty(sink).GetProperty("description").GetString()}".ToString(CultureInfo.InvariantCulture));
    }

    private sealed record Row
    {
        public required string Id { get; init; }

        public required string Outcome { get; init; }

        public long? Input { get; init; }

        public long? Output { get; init; }

        public long? Cost { get; init; }

        public long Attempts { get; init; }
    }
}
