using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Telemetry.Langfuse;

/// <summary>Which Langfuse it is, and what becomes of events while that changes.</summary>
public sealed class LangfuseVersionTests
{
    [Theory]
    [InlineData("2.95.12", false)]
    [InlineData("3.21.9", false)]
    [InlineData("3.22.0", true)]
    [InlineData("v3.100.1-rc.1", true)]
    [InlineData("4.0.0", true)]
    [InlineData("10.1", true)]
    public void Version_SaysWhetherItTakesOtlp(string text, bool takes) => LangfuseVersion.Parse(text)!.Value.TakesOtlp.ShouldBe(takes);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("3")]
    [InlineData("3.x")]
    public void WhatIsNoVersion_IsNone(string? text) => LangfuseVersion.Parse(text).ShouldBeNull();

    [Fact]
    public async Task Version_IsAskedOnce_AndAgainAfterItsTime()
    {
        await using var langfuse = new TestedLangfuse("4.16.0");

        await langfuse.SendAsync(SomeTraces.Cached());
        await langfuse.SendAsync(SomeTraces.Cached());
        langfuse.Paths.ShouldBe(["health", "otel/v1/traces", "otel/v1/traces"]);

        langfuse.Time.Advance(LangfuseSink.VersionLife);
        await langfuse.SendAsync(SomeTraces.Cached());

        langfuse.Paths.Count(path => path == "health").ShouldBe(2);
        langfuse.Logs.All.Select(log => log.Message).ShouldBe(["Langfuse 4.16 is sent traces by OTLP."]);
    }

    [Fact]
    public async Task Version_IsAskedAgainAfterAFailure()
    {
        await using var langfuse = new TestedLangfuse("3.22.0");
        await langfuse.SendAsync(SomeTraces.Cached());
        langfuse.Server.Enqueue(FakeReply.Text(503, "text/plain", "busy", ("Retry-After", "7")));

        (await Should.ThrowAsync<SinkException>(() => langfuse.SendAsync(SomeTraces.Cached()))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        await langfuse.SendAsync(SomeTraces.Cached());

        langfuse.Paths.ShouldBe(["health", "otel/v1/traces", "otel/v1/traces", "health", "otel/v1/traces"]);
        langfuse.Fake.Spans.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Upgrade_WhileRunning_LosesNothing()
    {
        await using var langfuse = new TestedLangfuse("3.21.4");
        await langfuse.SendAsync(SomeTraces.Cached());
        langfuse.Fake.Version = "4.16.0";
        var (request, score) = (SomeTraces.Answered(), SomeTraces.Score(SomeTraces.Cached()));

        var reply = await langfuse.SendAsync(request, score);
        reply.Rejected.ShouldBe(0);
        reply.Again.ShouldBe([request]);
        reply = await langfuse.SendAsync([.. reply.Again]);

        reply.Again.ShouldBeEmpty();
        langfuse.Fake.Spans.Count.ShouldBe(4);
        langfuse.Fake.Made("score-create").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Downgrade_WhileRunning_IsFoundOut()
    {
        await using var langfuse = new TestedLangfuse("3.22.0");
        await langfuse.SendAsync(SomeTraces.Cached());
        langfuse.Fake.Version = "3.21.4";
        var request = SomeTraces.Answered();

        (await Should.ThrowAsync<SinkException>(() => langfuse.SendAsync(request))).Message.ShouldStartWith("Langfuse has no /api/public/otel/v1/traces (404)");
        await langfuse.SendAsync(request);

        langfuse.Fake.Made("trace-create").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ServerThatIsNoLangfuse_IsToldAsSuch()
    {
        await using var langfuse = new TestedLangfuse("4.0.0");
        langfuse.Server.Enqueue(FakeReply.Text(404, "text/html", "nothing here"), FakeReply.Text(200, "text/html", "<html>"), FakeReply.Json(200, "{}"));

        (await FailAsync(langfuse)).ShouldBe("Langfuse does not say its version: GET /api/public/health answers 404: nothing here");
        (await FailAsync(langfuse)).ShouldBe("Langfuse answers what is no JSON: <html>");
        (await FailAsync(langfuse)).ShouldBe("Langfuse does not say its version: GET /api/public/health answers 200: {}");
    }

    [Fact]
    public async Task AnswerThatDoesNotSayWhatWasTaken_IsAFailure()
    {
        await using var langfuse = new TestedLangfuse("2.95.12");
        await langfuse.SendAsync(SomeTraces.Cached());
        langfuse.Server.Enqueue(FakeReply.Json(200, """{"status":"ok"}"""));

        (await FailAsync(langfuse)).ShouldStartWith("Langfuse does not say what it took");
    }

    [Fact]
    public async Task WrongKey_IsAFailureThatLosesNothing()
    {
        await using var langfuse = new TestedLangfuse("4.0.0");
        var options = langfuse.Options();
        options.Langfuse.PublicKey = "pk-lf-another";
        var sink = LangfuseSink.Of(options, TimeProvider.System, NullLogger<LangfuseSink>.Instance)!;

        (await Should.ThrowAsync<SinkException>(() => sink.SendAsync([SomeTraces.Cached()], default))).Message.ShouldContain("401");
    }

    [Theory]
    [InlineData(null, "secret")]
    [InlineData("public", null)]
    [InlineData(null, null)]
    public void WithoutKeys_ThereIsNone(string? user, string? password) => LangfuseSink.Of(
        new TelemetryOptions { Langfuse = new LangfuseOptions { PublicKey = user, SecretKey = password is null ? null : new Gateway.Configuration.Secret(password) } },
        TimeProvider.System,
        NullLogger<LangfuseSink>.Instance).ShouldBeNull();

    private static async Task<string> FailAsync(TestedLangfuse langfuse) => (await Should.ThrowAsync<SinkException>(() => langfuse.SendAsync(SomeTraces.Cached()))).Message;
}
