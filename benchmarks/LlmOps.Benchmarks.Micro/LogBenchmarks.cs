using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Benchmarks.Micro;

/// <summary>The log's line of a request.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private readonly LogLine _written = new();
    private readonly RequestLine _line = new(Answered(), TimeSpan.FromMilliseconds(61.2), null);

    [Benchmark]
    public int Line()
    {
        _written.Begin();
        _line.WriteTo(_written);
        _written.End();
        return _written.Written.Length;
    }

    internal static GatewayRequest Answered(params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var time = TimeProvider.System;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Gateway:Providers:openai:ApiKey", (string?)"sk-bench")]).Build();
        foreach (var (name, value) in settings)
        {
            configuration[name] = value;
        }

        var request = new GatewayRequest
        {
            RequestId = "019aa7c5-2f63-7b0e-8d2c-4f1a0c9b7e55",
            Endpoint = "/v1/chat/completions",
            Family = "/v1/chat/completions",
            Principal = Principal.Local,
            Configuration = GatewaySnapshot.Build(configuration, new ProviderFactory(new ProviderTransport(time), null, time), new TargetStates(time, NullLogger<TargetState>.Instance)),
            StartedAt = time.GetTimestamp(),
            Timeout = TimeSpan.FromMinutes(1),
            CallerGone = default,
            Stopping = default,
            Model = "gpt-4o-mini",
            Temperature = 0.7f,
            MaxTokens = 200,
        };
        var target = request.Configuration.Models.Resolve("gpt-4o-mini").Route.Target;
        var attempt = new Attempt(target, target.TakeKey()!, target.State.Breaker.TryEnter(new BreakerOptions())!.Value, new GatewayChatOptions { Request = request }, request.Timeout, streaming: false, time, default)
        {
            ProviderRequestId = "req_0123456789abcdef",
        };
        attempt.Succeeded(new ChatResponse
        {
            ModelId = "gpt-4o-mini-2024-07-18",
            Usage = new UsageDetails { InputTokenCount = 71, OutputTokenCount = 40 },
            FinishReason = ChatFinishReason.Stop,
        });
        return request;
    }
}
