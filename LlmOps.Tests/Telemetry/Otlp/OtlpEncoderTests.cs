using System.Diagnostics;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmOps.Tests.Telemetry.Otlp;

/// <summary>Our encoder against OpenTelemetry's own exporter: what both send of the same spans is the same.</summary>
public sealed class OtlpEncoderTests
{
    private const string Source = "LlmOps.Tests.Otlp";

    private static readonly Dictionary<string, object> Resource = new() { ["service.name"] = "größe", ["replicas"] = 3L };
    private static readonly Dictionary<string, object> Attributes = new()
    {
        ["text"] = "Größe 🌈", ["empty"] = "", ["long"] = long.MinValue, ["int"] = 7L, ["double"] = -0.25, ["true"] = true, ["false"] = false, ["texts"] = new[] { "a", "", "ü" }, ["none"] = Array.Empty<string>(),
    };

    [Fact]
    public async Task Spans_AreThoseThatTheOfficialExporterSends()
    {
        await using var receiver = new FakeServer(_ => FakeReply.Head(200, ("Content-Type", "application/x-protobuf")));
        using var source = new ActivitySource(Source, "9.1");
        List<Activity> activities = [];
        using (var provider = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes(Resource)).AddSource(Source)
            .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (new Uri(receiver.BaseAddress, "v1/traces"), OtlpExportProtocol.HttpProtobuf)).Build())
        {
            var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
            using var root = source.StartActivity("POST /chat", ActivityKind.Server, caller)!;
            using (var call = source.StartActivity("chat gpt-4o", ActivityKind.Client)!)
            {
                foreach (var (name, value) in Attributes)
                {
                    call.SetTag(name, value);
                }

                call.SetStatus(ActivityStatusCode.Error, "timeout");
                activities.Add(call);
            }

            using (var check = source.StartActivity("guardrail input")!)
            {
                activities.Add(check);
            }

            activities.Add(root);
        }

        var official = receiver.Requests.SelectMany(request => OtlpDecoder.Decode(request.Body)).ToList();
        var ours = OtlpDecoder.Decode(OtlpEncoder.Encode(Resource, Source, "9.1", activities.Select(OtlpSpan)));

        official.Count.ShouldBe(3);
        foreach (var (theirs, span) in official.Zip(ours))
        {
            span.ShouldBe(theirs with { Resource = span.Resource, Attributes = span.Attributes });
            ShouldBeSame(span.Resource, theirs.Resource);
            ShouldBeSame(span.Attributes, theirs.Attributes);
        }

        ShouldBeSame(ours[0].Attributes, Attributes);
        (ours[0].Status, ours[0].Message, ours[0].Kind, ours[0].ParentId).ShouldBe((2, "timeout", 3, ours[2].SpanId));
    }

    [Fact]
    public void SpanWithoutAParent_HasNone()
    {
        var span = new TraceSpan { Id = "00000000000000a1", Name = "x", Kind = "internal", StartedAt = DateTimeOffset.UnixEpoch.AddSeconds(1), DurationMs = -5 };

        var decoded = OtlpDecoder.Decode(OtlpEncoder.Encode(Resource, Source, "1", [new OtlpSpan("0af7651916cd43dd8448eb211c80319c", span, span.Attributes)])).ShouldHaveSingleItem();

        (decoded.ParentId, decoded.Start, decoded.End, decoded.Status, decoded.Message).ShouldBe((null, 1_000_000_000UL, 1_000_000_000UL, 0, null));
    }

    private static OtlpSpan OtlpSpan(Activity activity) => new(
        activity.TraceId.ToHexString(),
        new TraceSpan
        {
            Id = activity.SpanId.ToHexString(),
            Parent = activity.ParentSpanId.ToHexString(),
            Name = activity.DisplayName,
            Kind = activity.Kind.ToString().ToLowerInvariant(),
            StartedAt = activity.StartTimeUtc,
            DurationMs = activity.Duration.TotalMilliseconds,
            Error = activity.StatusDescription,
        },
        activity.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value!));

    private static void ShouldBeSame(IReadOnlyDictionary<string, object> attributes, IReadOnlyDictionary<string, object> expected)
    {
        attributes.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (name, value) in expected)
        {
            attributes[name].ShouldBe(value, name);
        }
    }
}
