using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>The limits of an attempt: headers, first content, silence between chunks, total; and providers nobody answers at.</summary>
public sealed class AttemptTests : GatewayTests
{
    private static readonly IReadOnlyList<string> Chunks = FakeOpenAI.Chunks(FakeAnswer.Text("one ", "two "));

    [Fact]
    public async Task NoHeadersOfAStream_EndsAtTheHeaderTimeout() =>
        await EndsInTimeAsync("HeaderTimeout", FakeReply.Silence(), streaming: true, "no response headers within 0.2 s");

    [Fact]
    public async Task NoContentOfAStream_EndsAtTheFirstChunkTimeout() =>
        await EndsInTimeAsync("FirstChunkTimeout", FakeReply.Sse(Chunks.Take(1), done: false).ThenSilence(), streaming: true, "no content within 0.2 s");

    [Fact]
    public async Task NoAnswer_EndsAtTheTotalTimeout() =>
        await EndsInTimeAsync("TotalTimeout", FakeReply.Silence(), streaming: false, "not complete within 0.2 s");

    [Fact]
    public async Task NoHeadersOfAStream_EndsAtTheTotalTimeoutIfThatIsShorter() =>
        await EndsInTimeAsync("TotalTimeout", FakeReply.Silence(), streaming: true, "not complete within 0.2 s");

    [Fact]
    public async Task SilenceInABody_EndsAtTheInterChunkTimeout() =>
        await EndsInTimeAsync(
            "InterChunkTimeout",
            FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{\"id\":").ThenSilence(),
            streaming: false,
            "nothing more within 0.2 s");

    [Fact]
    public async Task ErrorBodyThatGoesSilent_EndsInTime() =>
        await EndsInTimeAsync(
            "InterChunkTimeout",
            FakeReply.Head(500, ("Content-Type", "application/json")).Declare(1000).Piece("{").ThenSilence(),
            streaming: true,
            "within 0.2 s");

    [Fact]
    public async Task EndlessStream_EndsAtTheTotalTimeout()
    {
        Gateway.With("Gateway:Routing:TotalTimeout", "500ms");
        using var gate = new Gate();
        Fake.Enqueue(FakeReply.Sse(Chunks.Take(2), done: false).ThenWaitFor(gate.Opened));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);

        var stream = await SseText.ReadAsync(response);
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("message").GetString()!.ShouldContain("not complete within 0.5 s");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task RefusedConnection_IsUnreachable(bool streaming) =>
        IsUnreachableAsync($"http://127.0.0.1:{Ports.Free()}/v1", streaming, "the connection was refused or failed");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UnknownHost_IsUnreachable(bool streaming) =>
        await IsUnreachableAsync("http://no-such-host.invalid/v1", streaming, "its host name is unknown");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NoTlsAtAnHttpsAddress_IsUnreachable(bool streaming)
    {
        Fake.Handler = _ => FakeReply.Close();

        await IsUnreachableAsync(Fake.BaseAddress.ToString().Replace("http:", "https:", StringComparison.Ordinal) + "v1", streaming, "TLS failed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectionClosedInsteadOfAnAnswer_IsUnreachable(bool streaming)
    {
        // Twice: a client may try once more on a connection that closed before it said anything.
        Fake.Handler = _ => FakeReply.Close();

        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldContain("provider_unreachable");
    }

    private async Task EndsInTimeAsync(string limit, FakeReply reply, bool streaming, string reason)
    {
        Gateway.With($"Gateway:Routing:{limit}", "200ms");
        Fake.Enqueue(reply);

        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("provider_timeout");
        error.GetProperty("message").GetString()!.ShouldContain(reason);
        var received = await Fake.NextRequestAsync();
        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
    }

    private async Task IsUnreachableAsync(string address, bool streaming, string reason)
    {
        Gateway.With("Gateway:Providers:openai:BaseUrl", address);

        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("provider_unreachable");
        text.ShouldContain(reason);
        text.ShouldNotContain(new Uri(address).Authority);
    }
}
