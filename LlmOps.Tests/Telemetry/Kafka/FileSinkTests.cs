using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Kafka;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Tests.Telemetry.Kafka;

public sealed class FileSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WithKafka_OrWithoutALogFile_ThereIsNoSink()
    {
        FileSink.Create(new TelemetryOptions(), null).ShouldBeNull();
        FileSink.Create(new TelemetryOptions(), "").ShouldBeNull();
        FileSink.Create(new TelemetryOptions { Kafka = { Enabled = true, RestUrl = new("http://kafka:8082") } }, InFolder("gateway.log")).ShouldBeNull();
    }

    [Fact]
    public async Task Events_AreLinesOfJson_AsKafkaWouldGetThem()
    {
        var options = new TelemetryOptions();
        RequestTrace[] requests = [MoreTraces.Answered(1, streaming: true, MoreTraces.Content), MoreTraces.Failed(2)];
        using var sink = FileSink.Create(options, InFolder("gateway.log"))!;

        (await sink.SendAsync(requests, CancellationToken.None)).ShouldBe(SinkReply.Taken);
        await sink.SendAsync([MoreTraces.Cached(3, "hit-memory")], CancellationToken.None);

        var lines = File.ReadAllLines(InFolder("gateway.events.jsonl"));
        var expected = TopicRecord.Of(requests, options.Kafka).Concat(TopicRecord.Of([MoreTraces.Cached(3, "hit-memory")], options.Kafka)).ToList();
        lines.Select(line => JsonDocument.Parse(line).RootElement).Select(line => (line.GetProperty("topic").GetString(), line.GetProperty("value").GetRawText()))
            .ShouldBe(expected.Select(record => ((string?)record.Topic, Encoding.UTF8.GetString(record.Value))));
        expected.Select(record => record.Topic).ShouldBe(["llm-requests", "llm-requests", "llm-metrics", "llm-metrics", "llm-errors", "llm-requests", "llm-metrics"]);
    }

    [Fact]
    public async Task File_IsOfThisUserAlone()
    {
        using var sink = FileSink.Create(new TelemetryOptions(), InFolder("gateway.log"))!;

        await sink.SendAsync([MoreTraces.Answered(1)], CancellationToken.None);

        File.GetUnixFileMode(InFolder("gateway.events.jsonl")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task FullFiles_AreNumbered_AndTheOldestGoes()
    {
        using var file = new EventFile(InFolder("e.jsonl"), largest: 100, kept: 3);
        for (var number = 1; number <= 5; number++)
        {
            await file.AppendAsync([new TopicRecord("t", MoreTraces.Answered(number), Encoding.UTF8.GetBytes($$"""{"number":{{number}},"text":"{{new string('x', 60)}}"}"""))], CancellationToken.None);
        }

        string Number(string name) => JsonDocument.Parse(File.ReadAllLines(InFolder(name)).ShouldHaveSingleItem()).RootElement.GetProperty("value").GetProperty("number").GetRawText();
        (Number("e.jsonl"), Number("e.1.jsonl"), Number("e.2.jsonl")).ShouldBe(("5", "4", "3"));
        Directory.GetFiles(_folder).Length.ShouldBe(3);
    }

    [Fact]
    public async Task FileThatIsThere_IsGoneOnWith()
    {
        for (var number = 1; number <= 2; number++)
        {
            using var sink = FileSink.Create(new TelemetryOptions(), InFolder("gateway.log"))!;
            await sink.SendAsync([MoreTraces.Answered(number)], CancellationToken.None);
        }

        File.ReadAllLines(InFolder("gateway.events.jsonl")).Length.ShouldBe(4);
    }

    [Fact]
    public async Task FileThatCannotBeWritten_KeepsTheEvents()
    {
        Directory.CreateDirectory(InFolder("gateway.events.jsonl"));
        using var sink = FileSink.Create(new TelemetryOptions(), InFolder("gateway.log"))!;

        (await Should.ThrowAsync<SinkException>(() => sink.SendAsync([MoreTraces.Answered(1)], CancellationToken.None))).Message.ShouldContain("gateway.events.jsonl");
        Directory.Delete(InFolder("gateway.events.jsonl"));
        await sink.SendAsync([MoreTraces.Answered(1)], CancellationToken.None);

        File.ReadAllLines(InFolder("gateway.events.jsonl")).Length.ShouldBe(2);
    }

    private string InFolder(string name) => Path.Combine(_folder, name);
}
