using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using LlmOps.Gateway.Telemetry;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry;

/// <summary>Each call to a provider is a span and a count, with its outcome.</summary>
public sealed class AttemptTelemetryTests : GatewayTests
{
    // Spans and counts of the whole process are heard: those of this test are told by its model.
    private readonly string _model = $"spans-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<string?> _counted = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EachAttempt_HasASpanAndACountWithItsOutcome(bool streaming)
    {
        using var spans = Listen();
        using var counts = Count();
        Gateway.With("Gateway:Routing:MaxAttempts", "2").With("Gateway:Routing:TriesPerTarget", "2").With("Gateway:Routing:Backoff", "1ms");
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hi"));
        Fake.Enqueue(FakeOpenAI.Error(500, "down"));

        using (var response = await Gateway.CompleteAsync(Request(streaming).Replace("gpt-4o", $"openai/{_model}", StringComparison.Ordinal), streaming))
        {
            await response.Content.ReadAsStringAsync();
        }

        await Conditions.HoldsAsync(() => Task.FromResult(_spans.Count == 2 && _counted.Count == 2));
        _counted.ShouldBe(["provider_error", "ok"]);
        _spans.Select(span => span.GetTagItem("llmops.outcome")).ShouldBe(["provider_error", "ok"]);
        _spans.Select(span => span.Status).ShouldBe([ActivityStatusCode.Error, ActivityStatusCode.Unset]);
        _spans.ShouldAllBe(span => span.DisplayName == $"chat {_model}" && span.Kind == ActivityKind.Client && (string?)span.GetTagItem("gen_ai.provider.name") == "openai");
        _spans.Select(span => span.GetTagItem("llmops.attempt")).ShouldBe([1, 2]);
        _spans.Select(span => span.ParentSpanId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task AttemptForEmbeddings_IsNamedSo()
    {
        using var spans = Listen();
        using var counts = Count();
        Fake.Handler = FakeOpenAIEmbeddings.Handler(new FakeVectors());

        using (await Gateway.PostAsync("/v1/embeddings", $$"""{"model":"openai/{{_model}}","input":"Hi"}"""))
        {
            await Conditions.HoldsAsync(() => Task.FromResult(_spans.Count == 1 && _counted.Count == 1));
        }

        var span = _spans.Single();
        span.DisplayName.ShouldBe($"embeddings {_model}");
        span.GetTagItem("gen_ai.operation.name").ShouldBe("embeddings");
        _counted.ShouldBe(["ok"]);
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.DisplayName.EndsWith(_model, StringComparison.Ordinal))
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener Count()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "llmops.provider.attempts")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var values = tags.ToArray().ToDictionary();
            if (Equals(values["gen_ai.request.model"], _model))
            {
                _counted.Enqueue(values["outcome"] as string);
            }
        });
        listener.Start();
        return listener;
    }
}
