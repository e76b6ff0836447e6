using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Tests.Fakes;

/// <summary>What the fake refuses, as MLflow does.</summary>
public sealed class FakeMLflowTests : IAsyncLifetime
{
    private readonly FakeMLflow _mlflow = new();
    private readonly FakeServer _server;
    private readonly HttpClient _http;

    public FakeMLflowTests()
    {
        _server = new FakeServer(_mlflow.Answer);
        _http = new HttpClient { BaseAddress = _server.BaseAddress };
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"params":[{"key":"a","value":"2"}]}""", "Changing param values is not allowed")]
    [InlineData("""{"metrics":[{"key":"a:b","value":1,"timestamp":1,"step":0}]}""", "Invalid name")]
    [InlineData("""{"metrics":[{"key":"a","value":"1","timestamp":1,"step":0}]}""", "Got invalid value")]
    [InlineData("""{"metrics":[{"key":"a","value":1,"timestamp":-1,"step":0}]}""", "nonnegative")]
    public async Task BatchOutsideOfTheContract_IsRefused(string batch, string told)
    {
        var run = await RunAsync();
        (await LogAsync(run, """{"params":[{"key":"a","value":"1"}]}""")).ShouldBe("{}");
        (await LogAsync(run, """{"params":[{"key":"a","value":"1"}]}""")).ShouldBe("{}");

        var refused = JsonDocument.Parse(await LogAsync(run, batch)).RootElement;

        refused.GetProperty("error_code").GetString().ShouldBe("INVALID_PARAMETER_VALUE");
        refused.GetProperty("message").GetString()!.ShouldContain(told);
    }

    [Theory]
    [InlineData(1000, 10, true)]
    [InlineData(1001, 10, false)]
    [InlineData(900, 1200, false)]
    public async Task BatchBeyondTheLimits_IsRefused(int metrics, int padding, bool isTaken)
    {
        var run = await RunAsync();
        var list = string.Join(',', Enumerable.Range(0, metrics).Select(number => $$"""{"key":"m{{number}}","value":1,"timestamp":1,"step":0{{new string(' ', padding)}}}"""));

        (await LogAsync(run, $$"""{"metrics":[{{list}}]}""")).Contains("INVALID_PARAMETER_VALUE", StringComparison.Ordinal).ShouldBe(!isTaken);
    }

    [Fact]
    public async Task MetricThatIsThere_IsKeptOnce()
    {
        var run = await RunAsync();
        const string metric = """{"metrics":[{"key":"a","value":1.5,"timestamp":7,"step":0}]}""";

        await LogAsync(run, metric);
        await LogAsync(run, metric);

        _mlflow.Runs.ShouldHaveSingleItem().Metrics.ShouldBe([new FakeMetric("a", 1.5m, 7, 0)]);
    }

    [Fact]
    public async Task UnknownRun_IsA404() => (await PostAsync("runs/log-batch", """{"run_id":"0"}""")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    [Theory]
    [InlineData("application/x-protobuf", "1", true, 200)]
    [InlineData("application/x-protobuf", null, true, 422)]
    [InlineData("application/x-protobuf", "2", true, 422)]
    [InlineData("application/json", "1", true, 400)]
    [InlineData("application/x-protobuf", "1", false, 400)]
    public async Task Traces_AreTakenByTheLetter(string type, string? experiment, bool hasSpans, int status)
    {
        _mlflow.Make("e");
        var span = new TraceSpan { Id = "00000000000000a1", Name = "x", Kind = "internal", StartedAt = DateTimeOffset.UnixEpoch, DurationMs = 1 };
        using var content = new ByteArrayContent(OtlpEncoder.Encode(new Dictionary<string, object>(), "s", "1", hasSpans ? [new OtlpSpan("0af7651916cd43dd8448eb211c80319c", span, span.Attributes)] : []));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (experiment is not null)
        {
            content.Headers.Add("x-mlflow-experiment-id", experiment);
        }

        using var response = await _http.PostAsync("v1/traces", content);

        ((int)response.StatusCode).ShouldBe(status);
    }

    private async Task<string> RunAsync()
    {
        var experiment = _mlflow.Make("e").Id;
        using var response = await PostAsync("runs/create", $$"""{"experiment_id":"{{experiment}}","run_name":"r","start_time":1}""");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    private async Task<string> LogAsync(string run, string batch)
    {
        using var response = await PostAsync("runs/log-batch", $$"""{"run_id":"{{run}}",{{batch[1..]}}""");
        return await response.Content.ReadAsStringAsync();
    }

    private Task<HttpResponseMessage> PostAsync(string path, string json)
    {
        var content = new StringContent(json, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return _http.PostAsync($"api/2.0/mlflow/{path}", content);
    }
}
