using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using LlmOps.Gateway.Outgoing;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Outgoing;

public sealed class CheckedConnectorTests : IAsyncDisposable
{
    private readonly FakeServer _server = new(_ => FakeReply.Text(200, "text/plain", "reached"));

    [Fact]
    public async Task NameOfThisMachine_IsRefused()
    {
        using var http = new HttpClient(new CheckedConnector().CreateHandler());

        var failure = await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://localhost:{_server.BaseAddress.Port}/")));

        failure.GetBaseException().ShouldBeOfType<AddressNotAllowedException>().Message.ShouldContain("'localhost'");
        _server.AcceptedConnections.ShouldBe(0);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("0")]
    [InlineData("0.0.0.0")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[0:0:0:0:0:ffff:7f00:0001]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("169.254.169.254")]
    [InlineData("2852039166")]
    [InlineData("[fd00:ec2::254]")]
    public async Task AddressInWhateverForm_IsRefused(string host)
    {
        using var http = new HttpClient(new CheckedConnector().CreateHandler());

        var failure = await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://{host}:{_server.BaseAddress.Port}/")));

        failure.GetBaseException().ShouldBeOfType<AddressNotAllowedException>();
        _server.AcceptedConnections.ShouldBe(0);
    }

    [Fact]
    public async Task Connection_GoesToTheAddressThatWasLookedAt()
    {
        var asked = new ConcurrentQueue<string>();
        var connector = new CheckedConnector(
            (host, _) =>
            {
                asked.Enqueue(host);
                return Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1"), IPAddress.Loopback]);
            },
            IPAddress.IsLoopback);
        using var http = new HttpClient(connector.CreateHandler());

        // A name that nobody else could resolve, asked for once.
        (await http.GetStringAsync(new Uri($"http://service.invalid:{_server.BaseAddress.Port}/"))).ShouldBe("reached");

        asked.ShouldBe(["service.invalid"]);
        _server.Requests.Single().Headers.Host.ToString().ShouldBe($"service.invalid:{_server.BaseAddress.Port}");
    }

    [Fact]
    public async Task NameThatChangesItsMind_IsRefusedFromThenOn()
    {
        // Allowed stands for public here: 127.0.0.2 is, 127.0.0.1 is not.
        using var allowed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        allowed.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), _server.BaseAddress.Port));
        allowed.Listen();
        var answers = new Queue<string>(["127.0.0.2", "127.0.0.1"]);
        var connector = new CheckedConnector((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(answers.Dequeue())]), address => address.ToString() == "127.0.0.2");
        using var http = new HttpClient(connector.CreateHandler());
        var address = new Uri($"http://rebinding.invalid:{_server.BaseAddress.Port}/");

        var first = http.GetStringAsync(address);
        using (var connection = await allowed.AcceptAsync())
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfirst"u8.ToArray());
            (await first).ShouldBe("first");
        }

        var failure = await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(address));

        failure.GetBaseException().ShouldBeOfType<AddressNotAllowedException>();
        answers.ShouldBeEmpty();
        _server.AcceptedConnections.ShouldBe(0);
    }

    [Fact]
    public async Task FirstAddressThatAnswers_IsTaken()
    {
        var connector = new CheckedConnector((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.3"), IPAddress.Loopback]), IPAddress.IsLoopback);
        using var http = new HttpClient(connector.CreateHandler());

        (await http.GetStringAsync(new Uri($"http://service.invalid:{_server.BaseAddress.Port}/"))).ShouldBe("reached");
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        _server.Handler = _ => FakeReply.Head(302, ("Location", "http://169.254.169.254/latest/meta-data"));
        var connector = new CheckedConnector((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), IPAddress.IsLoopback);
        using var http = new HttpClient(connector.CreateHandler());

        using var response = await http.GetAsync(new Uri($"http://service.invalid:{_server.BaseAddress.Port}/"));

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        _server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task NameWithoutAddresses_IsNotFound()
    {
        using var http = new HttpClient(new CheckedConnector((_, _) => Task.FromResult<IPAddress[]>([]), _ => true).CreateHandler());

        var failure = await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri("http://nowhere.invalid/")));

        failure.GetBaseException().ShouldBeOfType<SocketException>().SocketErrorCode.ShouldBe(SocketError.HostNotFound);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
