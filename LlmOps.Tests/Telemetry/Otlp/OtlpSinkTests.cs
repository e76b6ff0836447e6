using System.IO.Compression;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Otlp;

/// <summary>Spans over OTLP, from a gateway that OpenTelemetry's variables tell to, to a collector that decodes them; over real sockets.</summary>
public sealed class OtlpSinkTests : IAsyncLifetime
{
    private const string CallersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly FakeServer _collector = new();
    private readonly List<DecodedSpan> _spans = [];
    private bool _isDown;

    public OtlpSinkTests() => _collector.Handler = request =>
    {
        if (_isDown)
        {
            return FakeReply.Json(503, "{}");
        }

        if (request.Path == "/v1/traces")
        {
            lock (_spans)
            {
                _spans.AddRange(OtlpDecoder.Decode(Plain(request)));
            }
        }

        return FakeReply.Text(200, "application/x-protobuf", "");
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _collector.DisposeAsync();
        _collector.Faults.ShouldBeEmpty();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Spans_ArriveOnce_AlsoFromWhenTheCollectorWasDown()
    {
        _isDown = true;
        await using var gateway = await GatewayProcess.Start(
            _folder, ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", new Uri(_collector.BaseAddress, "v1/traces").ToString()), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", "tested"), ("Gateway__Telemetry__Delivery__Interval", "10ms"), ("Gateway__Telemetry__Delivery__Backoff", "10ms"), ("Gateway__Telemetry__Delivery__MaxBackoff", "100ms")).ReadyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{CallersTrace}-00f067aa0ba902b7-01");
        using (await gateway.Http.SendAsync(request))
        {
        }

        await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/health")).Contains("\"otlp\":{\"status\":\"degraded\"", StringComparison.Ordinal));
        _isDown = false;
        await Conditions.HoldsAsync(() => Task.FromResult(Spans.Any(span => span.Name == "chat offline") && Spans.Any(span => span.ParentId == "00f067aa0ba902b7")));

        var (server, call) = (Spans.Single(span => span.ParentId == "00f067aa0ba902b7"), Spans.Single(span => span.Name == "chat offline"));
        (server.TraceId, call.TraceId, call.ParentId, call.Kind).ShouldBe((CallersTrace, CallersTrace, server.SpanId, 3));
        call.Resource["service.name"].ShouldBe("tested");
        call.Attributes["gen_ai.operation.name"].ShouldBe("chat");
        call.Attributes["gen_ai.provider.name"].ShouldBe("offline");
        ((long)call.Attributes["gen_ai.usage.input_tokens"]).ShouldBeGreaterThan(0);
        server.Attributes["llmops.outcome"].ShouldBe("ok");
        server.Attributes["http.route"].ShouldBe("/v1/chat/completions");
        server.Kind.ShouldBe(2);

        // One for each request: the gateway's own lies in none of the server's.
        Spans.Count(span => span.Kind == 2 && span.TraceId == CallersTrace).ShouldBe(1);
        await Conditions.HoldsAsync(async () => (await gateway.Http.GetStringAsync("/health")).Contains("\"otlp\":{\"status\":\"healthy\"", StringComparison.Ordinal));
    }

    private List<DecodedSpan> Spans
    {
        get
        {
            lock (_spans)
            {
                return [.. _spans];
            }
        }
    }

    private static byte[] Plain(ReceivedRequest request)
    {
        if (!request.Headers.ContentEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            return request.Body;
        }

        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
