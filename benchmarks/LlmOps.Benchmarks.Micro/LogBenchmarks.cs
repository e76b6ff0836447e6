using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.AI;

namespace LlmOps.Benchmarks.Micro;

/// <summary>The log's line of a request.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private readonly LogLine _written = new();

    private readonly RequestLine _line = new(
        new GatewayRequest
        {
            RequestId = "019aa7c5-2f63-7b0e-8d2c-4f1a0c9b7e55",
            Endpoint = "/v1/chat/completions",
            Principal = Principal.Local,
            Configuration = null!,
            StartedAt = 0,
            CallerGone = default,
            Stopping = default,
            Model = "gpt-4o-mini",
            ResponseModel = "gpt-4o-mini-2024-07-18",
            Temperature = 0.7f,
            MaxTokens = 200,
            Attempts = 1,
            Usage = new UsageDetails { InputTokenCount = 71, OutputTokenCount = 40 },
            Cost = new NanoUsd(34650),
            FinishReason = ChatFinishReason.Stop,
            ProviderRequestId = "req_0123456789abcdef",
        },
        TimeSpan.FromMilliseconds(61.2),
        null);

    [Benchmark]
    public int Line()
    {
        _written.Begin();
        _line.WriteTo(_written);
        _written.End();
        return _written.Written.Length;
    }
}
