using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Telemetry.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>What is told of calls to tools.</summary>
public sealed class FunctionTelemetryTests : FunctionTests
{
    private readonly CollectingSink _sink = new();

    public FunctionTelemetryTests()
    {
        Gateway.With("Gateway:Telemetry:Delivery:Interval", "1ms").WithServices(services => services.AddSingleton(new SinkSource(_ => _sink)));
        Tools.WithSum().With("fail", (_, _) => Task.FromResult(new ToolResult("No such thing as a word of it.", IsError: true)));
        Script(FakeAnswer.Calls(Add(1, 2, "call_1"), Add(1, 2, "call_2", "fail"), Add(1, 2, "call_3", "invented")), FakeAnswer.Text("Well."));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EachCall_HasASpanByTheConventions(bool streaming)
    {
        await AskAsync("openai", streaming);

        var trace = (await _sink.RequestsAsync(1))[0];
        trace.Spans.Select(span => span.Name).Where(name => !name.StartsWith("guardrail", StringComparison.Ordinal)).Order().ShouldBe(
            ["POST /v1/chat/completions", "chat gpt-4o-mini", "chat gpt-4o-mini", "execute_tool add", "execute_tool fail", "execute_tool unknown"]);
        var (done, failed, unknown) = (Span(trace, "add"), Span(trace, "fail"), Span(trace, "unknown"));
        (done.Parent, done.Kind, done.Error, failed.Error, unknown.Error).ShouldBe((trace.Spans[0].Id, "internal", null, "tool_error", "tool_error"));
        done.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}").Order().ShouldBe(
            ["gen_ai.operation.name=execute_tool", "gen_ai.tool.call.id=call_1", "gen_ai.tool.description=The tool add", "gen_ai.tool.name=add", "gen_ai.tool.type=function"]);
        TraceExplanation.Of(trace).ShouldContain(sentence => sentence.StartsWith("The model called tools of the gateway, 3 times in all: ", StringComparison.Ordinal) && sentence.EndsWith("2 of the calls failed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ArgumentsAndResults_AreTold_WhereContentIsCaptured()
    {
        Gateway.With("Gateway:Telemetry:Capture:Everything", "true");

        await AskAsync("openai", false);

        var done = Span((await _sink.RequestsAsync(1))[0], "add");
        (done.Attributes["gen_ai.tool.call.arguments"], done.Attributes["gen_ai.tool.call.result"]).ShouldBe(("""{"a":1,"b":2}""", "sum 3"));
    }

    [Fact]
    public async Task Metrics_CountCallsByToolAndOutcome()
    {
        // Of a name that no other test counts in this process.
        Tools.WithSum("counted").With("counted_fail", (_, _) => Task.FromResult(new ToolResult("No.", IsError: true)));
        Script(FakeAnswer.Calls(Add(1, 2, "call_1", "counted"), Add(1, 2, "call_2", "counted"), Add(1, 2, "call_3", "counted_fail")), FakeAnswer.Text("Well."));

        // Metrics are gathered from a moment after the start on.
        await Gateway.Http.GetStringAsync("/metrics");
        await AskAsync("openai", false);

        var metrics = await Gateway.Http.GetStringAsync("/metrics");
        metrics.ShouldContain("""llmops_tool_duration_seconds_count{gen_ai_tool_name="counted",outcome="ok"} 2""");
        metrics.ShouldContain("""llmops_tool_duration_seconds_count{gen_ai_tool_name="counted_fail",outcome="error"} 1""");
    }

    private static TraceSpan Span(RequestTrace trace, string tool) => trace.Spans.Single(span => span.Name == $"execute_tool {tool}");
}
