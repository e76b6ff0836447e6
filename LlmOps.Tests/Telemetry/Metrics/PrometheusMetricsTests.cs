using System.Globalization;
using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Metrics;

/// <summary>GET /metrics: every instrument, in the form that Prometheus reads.</summary>
public sealed class PrometheusMetricsTests : GatewayTests
{
    // Instruments are the whole process's: what other tests count has other models.
    private readonly string _model = $"metrics-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_IsMeasured_ByTheConventions(bool streaming)
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hel", "lo"), GatewayApplication.ProviderKey);
        await MetricsAsync();
        using (var response = await Gateway.CompleteAsync(Request(streaming).Replace("gpt-4o", $"openai/{_model}", StringComparison.Ordinal), streaming))
        {
            await response.Content.ReadAsStringAsync();
        }

        var lines = await LinesAsync("gen_ai_client_operation_duration_seconds_count");

        var call = $"gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"{_model}\",gen_ai_response_model=\"{FakeAnswer.DefaultModel}\"";
        var server = $"server_address=\"127.0.0.1\",server_port=\"{Fake.BaseAddress.Port}\"";
        var labels = $"{call},{server}";
        lines.ShouldContain($"gen_ai_client_operation_duration_seconds_count{{{labels}}} 1");
        Bounds(lines, "gen_ai_client_operation_duration_seconds").ShouldBe(["0.01", "0.02", "0.04", "0.08", "0.16", "0.32", "0.64", "1.28", "2.56", "5.12", "10.24", "20.48", "40.96", "81.92", "+Inf"]);
        lines.ShouldContain($"gen_ai_client_token_usage_sum{{{call},gen_ai_token_type=\"input\",{server}}} 19");
        lines.ShouldContain($"gen_ai_client_token_usage_sum{{{call},gen_ai_token_type=\"output\",{server}}} 10");
        Bounds(lines, "gen_ai_client_token_usage", "gen_ai_token_type=\"input\"").ShouldBe(["1", "4", "16", "64", "256", "1024", "4096", "16384", "65536", "262144", "1048576", "4194304", "16777216", "67108864", "+Inf"]);
        lines.Contains($"gen_ai_client_operation_time_to_first_chunk_seconds_count{{{labels}}} 1").ShouldBe(streaming);
        lines.Any(line => line.StartsWith("gen_ai_client_operation_time_per_output_chunk_seconds_count", StringComparison.Ordinal)).ShouldBe(streaming);
        lines.ShouldContain($"llmops_provider_attempts_total{{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"{_model}\",outcome=\"ok\"}} 1");
    }

    [Fact]
    public async Task CallThatFails_HasItsError_AndNoTokens()
    {
        await MetricsAsync();
        Fake.Handler = _ => FakeOpenAI.Error(500, "down");
        using (await Gateway.CompleteAsync(Request(false).Replace("gpt-4o", $"openai/{_model}", StringComparison.Ordinal)))
        {
        }

        var lines = await LinesAsync("gen_ai_client_operation_duration_seconds_count");

        lines.ShouldContain(line => line.StartsWith("gen_ai_client_operation_duration_seconds_count", StringComparison.Ordinal) && line.Contains("error_type=\"provider_error\"", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.StartsWith("gen_ai_client_token_usage", StringComparison.Ordinal));
    }

    // Gateways that share a process share what is observed of them too: this one has a process of its own.
    [Fact]
    public async Task EveryLine_IsOfTheTextFormat_AndStatesOfDependenciesAreAmongThem()
    {
        var folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
        await using (var gateway = await GatewayProcess.Start(folder).ReadyAsync())
        {
            await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/metrics")).Contains("llmops_dependency_state{dependency=\"sqlite\"} 1\n", StringComparison.Ordinal));
            using var response = await gateway.Http.GetAsync("/metrics");
            var text = await response.Content.ReadAsStringAsync();

            response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
            text.ShouldEndWith("\n");
            text.TrimEnd('\n').Split('\n').ShouldAllBe(line => line.StartsWith("# HELP ") || line.StartsWith("# TYPE ") || IsSample(line));
            text.Split('\n').Where(line => line.StartsWith("# TYPE ")).ShouldBeUnique();
            foreach (var name in new[] { "llmops_sink_delivered_total", "llmops_ledger_journal_depth", "dotnet_gc_collections_total" })
            {
                text.ShouldContain($"# TYPE {name} ");
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task MetricsThatAreOff_AreNotThere()
    {
        Gateway.With("Gateway:Telemetry:Metrics", "false");

        using var response = await Gateway.Http.GetAsync("/metrics");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync()).ShouldContain("Gateway:Telemetry:Metrics");
    }

    private Task<string> MetricsAsync() => Gateway.Http.GetStringAsync("/metrics");

    // The lines of this test, once a call is over: it may be a moment after the answer.
    private async Task<IReadOnlyList<string>> LinesAsync(string awaited)
    {
        IReadOnlyList<string> lines = [];
        await Conditions.HoldsAsync(async () =>
        {
            lines = [.. (await MetricsAsync()).Split('\n').Where(line => line.Contains(_model, StringComparison.Ordinal))];
            return lines.Any(line => line.StartsWith(awaited, StringComparison.Ordinal));
        });
        return lines;
    }

    private static IEnumerable<string> Bounds(IReadOnlyList<string> lines, string name, string with = "") => lines
        .Where(line => line.StartsWith(name + "_bucket", StringComparison.Ordinal) && line.Contains(with, StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf("le=\"", StringComparison.Ordinal) + 4)..line.LastIndexOf('"')]);

    private static bool IsSample(string line)
    {
        var end = line.LastIndexOf(' ');
        return end > 0 && (line[(end + 1)..] is "+Inf" or "-Inf" or "NaN" || double.TryParse(line.AsSpan(end + 1), CultureInfo.InvariantCulture, out _));
    }
}
