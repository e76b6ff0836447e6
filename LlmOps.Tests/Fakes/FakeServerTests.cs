using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>The fake itself, looked at through HttpClient.</summary>
public sealed class FakeServerTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly FakeServer _server = new();
    private readonly HttpClient _client;

    // Disposing an unfinished response drains it for up to two seconds unless told not to.
    public FakeServerTests() => _client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero })
        { BaseAddress = _server.BaseAddress, Timeout = Deadline.Generous };

    public Task InitializeAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task ProperEnds_KeepTheConnectionAndRecordEachRequest()
    {
        _server.Enqueue(FakeReply.Json(200, "{}"), FakeReply.Head(204), FakeReply.Sse(["1"]), FakeReply.Text(404, "text/plain", ""));

        for (int i = 1; i <= 4; i++)
            (await _client.PostAsync($"/a%20b?n={i}", new StringContent($$"""{"i":{{i}}}"""))).Dispose();

        _server.AcceptedConnections.ShouldBe(1);
        _server.Requests.Select(request => request.NumberOnConnection).ShouldBe([1, 2, 3, 4]);
        ReceivedRequest last = _server.Requests[3];
        (last.Method, last.Path, last.Query["n"].ToString(), last.Json.GetProperty("i").GetInt32()).ShouldBe(("POST", "/a%20b", "4", 4));
        last.Headers["CONTENT-TYPE"].ToString().ShouldStartWith("text/plain");
        last.ConnectionClosed.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task ChunkedBodyAfterExpectContinue_IsReadWhole()
    {
        _server.Enqueue(FakeReply.Json(200, "{}"));
        using HttpRequestMessage request = new(HttpMethod.Post, "/") { Content = new StringContent(new string('ü', 100_000)) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true;

        (await _client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);

        _server.Requests.ShouldHaveSingleItem().BodyText.ShouldBe(new string('ü', 100_000));
    }

    [Fact]
    public async Task GatedPieces_ArriveOneByOne()
    {
        TaskCompletionSource headers = new(), second = new();
        _server.Enqueue(FakeReply.Sse().AfterWaitingFor(headers.Task).Piece("one").ThenWaitFor(second.Task).Piece("two"));

        Task<HttpResponseMessage> sending = GetAsync();
        ReceivedRequest request = await _server.NextRequestAsync();
        sending.IsCompleted.ShouldBeFalse();
        headers.SetResult();
        using HttpResponseMessage response = await sending;
        await using Stream body = await response.Content.ReadAsStreamAsync();

        (await ReadAsync(body)).ShouldBe("one");
        request.ReplyFinished.IsCompleted.ShouldBeFalse();
        second.SetResult();
        (await ReadAsync(body)).ShouldBe("two");
        (await ReadAsync(body)).ShouldBeEmpty();
        (await request.ReplyFinished.WithinDeadlineAsync("the reply")).ShouldBe(ReplyOutcome.Sent);
    }

    [Fact]
    public async Task Reset_IsSeenAsReset()
    {
        TaskCompletionSource seen = new();
        _server.Enqueue(FakeReply.Reset(), FakeReply.Sse().Piece("one").ThenWaitFor(seen.Task).ThenReset());

        HttpRequestException before = await Should.ThrowAsync<HttpRequestException>(GetAsync());
        IsReset(before).ShouldBeTrue();

        using HttpResponseMessage response = await GetAsync();
        await using Stream body = await response.Content.ReadAsStreamAsync();
        (await ReadAsync(body)).ShouldBe("one");
        seen.SetResult();
        IsReset(await Should.ThrowAsync<IOException>(ReadAsync(body))).ShouldBeTrue();
        await _server.WaitForAsync(() => _server.OpenConnections == 0);
    }

    [Fact]
    public async Task EarlyClose_IsSeenAsPrematureEnd()
    {
        _server.Enqueue(
            FakeReply.Close(),
            FakeReply.Head(200).Declare(100).Piece("short").ThenClose(),
            FakeReply.Sse(["1"], done: false).ThenClose(),
            FakeReply.Head(200).UntilClose().Piece("whole"));

        (await Should.ThrowAsync<HttpRequestException>(PostAsync())).HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        for (int i = 0; i < 2; i++)
            (await Should.ThrowAsync<HttpRequestException>(_client.GetStringAsync("/"))).HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        (await _client.GetStringAsync("/")).ShouldBe("whole");
    }

    [Fact]
    public async Task ClientThatAbortsAStream_IsNoticed()
    {
        _server.Enqueue(FakeReply.Sse().Piece("one").ThenWaitFor(new TaskCompletionSource().Task));
        HttpResponseMessage response = await GetAsync();
        ReceivedRequest request = await _server.NextRequestAsync();

        response.Dispose();

        await request.ConnectionClosed.WithinDeadlineAsync("the client's close");
        (await request.ReplyFinished.WithinDeadlineAsync("the reply's end")).ShouldBe(ReplyOutcome.Abandoned);
        _server.OpenConnections.ShouldBe(0);
    }

    [Fact]
    public async Task ClientThatLeavesASilentServer_IsNoticed()
    {
        _server.Enqueue(FakeReply.Silence());
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> sending = _client.GetAsync("/", leave.Token);
        ReceivedRequest request = await _server.NextRequestAsync();

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(sending);
        await request.ConnectionClosed.WithinDeadlineAsync("the client's close");
        _server.OpenConnections.ShouldBe(0);
    }

    [Fact]
    public async Task TestThatClosesTheConnections_EndsASilentReply()
    {
        _server.Enqueue(FakeReply.Silence(), FakeReply.Silence());
        Task<HttpResponseMessage> first = PostAsync();
        ReceivedRequest request = await _server.NextRequestAsync();
        _server.CloseConnections();
        (await Should.ThrowAsync<HttpRequestException>(first)).HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
        (await request.ConnectionClosed.WithinDeadlineAsync("the client's close")).ShouldBe(ClientClose.Closed);

        Task<HttpResponseMessage> second = PostAsync();
        request = await _server.NextRequestAsync();
        _server.ResetConnections();
        IsReset(await Should.ThrowAsync<HttpRequestException>(second)).ShouldBeTrue();
        await Should.ThrowAsync<TaskCanceledException>(request.ConnectionClosed.WithinDeadlineAsync("the end"));
    }

    [Theory]
    [InlineData("Close")]
    [InlineData("Reset")]
    [InlineData("NeverRead")]
    public async Task UnservedConnections_TakeNoRequest(string mode)
    {
        _server.Accept = Enum.Parse<AcceptMode>(mode);
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> sending = _client.GetAsync("/", leave.Token);
        await _server.WaitForAsync(() => _server.AcceptedConnections > 0);
        if (_server.Accept == AcceptMode.NeverRead)
            await leave.CancelAsync();

        await Should.ThrowAsync<Exception>(sending);
        _server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Faults_AreKeptAndAnswered()
    {
        using HttpResponseMessage unexpected = await GetAsync();
        unexpected.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);

        using Socket raw = new(SocketType.Stream, ProtocolType.Tcp);
        await raw.ConnectAsync(IPAddress.Loopback, _server.BaseAddress.Port);
        await raw.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        await using NetworkStream stream = new(raw);
        (await ReadAsync(stream)).ShouldStartWith("HTTP/1.1 400 ");

        _server.Faults.Select(fault => fault.GetType()).ShouldBe([typeof(InvalidOperationException), typeof(InvalidDataException)]);
    }

    private Task<HttpResponseMessage> GetAsync() => _client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);

    // HttpClient sends a request without a body again, unasked, when the server closes before it replies.
    private Task<HttpResponseMessage> PostAsync() => _client.PostAsync("/", new StringContent("?"));

    private static async Task<string> ReadAsync(Stream body)
    {
        byte[] buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await body.ReadAsync(buffer));
    }

    private static bool IsReset(Exception? failure) =>
        failure is SocketException { SocketErrorCode: SocketError.ConnectionReset } || (failure is not null && IsReset(failure.InnerException));
}
