using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Outgoing;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Access.Tokens;

public sealed class IssuerKeysTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly FakeIssuer _issuer = new();
    private readonly IssuerHttp _http = new(new CheckedConnector());
    private readonly CollectedLogs _logs = new();
    private readonly LoggerFactory _loggers;

    public IssuerKeysTests() => _loggers = new LoggerFactory([_logs]);

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Keys_AreFoundOnceAndForAnHour(string algorithm)
    {
        _issuer.Keys = [TestKey.Of(algorithm, "key")];
        var keys = Keys();

        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _time.Advance(TimeSpan.FromMinutes(59));
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _issuer.Fetches.ShouldBe(1);

        _time.Advance(TimeSpan.FromMinutes(1));
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _issuer.Fetches.ShouldBe(2);
    }

    [Fact]
    public async Task NewKey_IsFoundWhenATokenNamesIt_AndAnOldOneForgottenWithinTheHour()
    {
        var (before, after) = (TestKey.Rsa("before"), TestKey.EllipticCurve("after"));
        _issuer.Keys = [before];
        var keys = Keys();
        (await IsVerifiedAsync(keys, before)).ShouldBeTrue();

        _issuer.Keys = [before, after];
        _time.Advance(TimeSpan.FromSeconds(30));
        (await IsVerifiedAsync(keys, after)).ShouldBeTrue();
        (await IsVerifiedAsync(keys, before)).ShouldBeTrue();

        _issuer.Keys = [after];
        _time.Advance(TimeSpan.FromHours(1));
        (await RefusalAsync(keys, before)).Error.ShouldBe(ErrorCode.InvalidApiKey);
        (await IsVerifiedAsync(keys, after)).ShouldBeTrue();
    }

    [Fact]
    public async Task TokenThatNamesNoKey_IsVerifiedByOneOfThem()
    {
        _issuer.Keys = [TestKey.Rsa("one"), TestKey.Rsa("other")];
        var token = JsonWebToken.Read(_issuer.Keys[1].Token("{}", """{"alg":"RS256"}"""), out _)!;

        (await Keys().ForAsync(token, CancellationToken.None)).Any(token.IsSignedBy).ShouldBeTrue();
    }

    [Fact]
    public async Task StormOfUnknownKeys_AsksOnceInHalfAMinute()
    {
        var keys = Keys();
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(30));
        using var hold = new Gate();
        _issuer.Hold = hold;

        var refused = Enumerable.Range(0, 200).Select(number => Task.Run(() => RefusalAsync(keys, TestKey.EllipticCurve($"unknown-{number}")))).ToList();
        await _issuer.Server.WaitForAsync(() => _issuer.Fetches == 2);
        hold.Open();

        (await Task.WhenAll(refused)).ShouldAllBe(refusal => refusal.Error == ErrorCode.InvalidApiKey);
        await RefusalAsync(keys, TestKey.EllipticCurve("unknown"));
        _issuer.Fetches.ShouldBe(2);
    }

    [Fact]
    public async Task IssuerThatIsAway_KeepsItsLastKeys()
    {
        var keys = Keys();
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        var answer = _issuer.Server.Handler;
        _issuer.Server.Handler = _ => FakeReply.Text(503, "text/plain", "away");
        _time.Advance(TimeSpan.FromHours(1));

        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _logs.All.ShouldContain(log => log.Level == LogLevel.Warning && log.Message.Contains("503", StringComparison.Ordinal));

        // From now on nobody waits for it, and it is asked again in the background.
        using var hold = new Gate();
        _issuer.Server.Handler = request => answer(request).AfterWaitingFor(hold.Opened);
        _time.Advance(TimeSpan.FromSeconds(30));
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        hold.Open();
        await _issuer.Server.WaitForAsync(() => _issuer.Fetches == 2);
    }

    [Fact]
    public async Task IssuerThatWasNeverThere_IsAskedAgainLater()
    {
        var answer = _issuer.Server.Handler;
        _issuer.Server.Handler = _ => FakeReply.Text(500, "text/plain", "broken");
        var keys = Keys();

        var refusal = await RefusalAsync(keys, _issuer.Keys[0]);
        refusal.Error.ShouldBe(ErrorCode.IssuerUnavailable);
        refusal.RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));

        _issuer.Server.Handler = answer;
        (await RefusalAsync(keys, _issuer.Keys[0])).Error.ShouldBe(ErrorCode.IssuerUnavailable);
        _time.Advance(TimeSpan.FromSeconds(30));
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
    }

    [Fact]
    public async Task SilentIssuer_IsNotWaitedForLong()
    {
        using var hold = new Gate();
        _issuer.Hold = hold;
        var keys = Keys();

        var refused = RefusalAsync(keys, _issuer.Keys[0]);
        await _issuer.Server.WaitForAsync(() => _issuer.Fetches == 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        (await refused).Error.ShouldBe(ErrorCode.IssuerUnavailable);

        // What it says later is not lost.
        hold.Open();
        await _logs.FirstAsync(log => log.Message.Contains("has 1 keys", StringComparison.Ordinal));
        (await IsVerifiedAsync(keys, _issuer.Keys[0])).ShouldBeTrue();
        _issuer.Fetches.ShouldBe(1);
    }

    [Theory]
    [InlineData("https://other.example/realms/main", null, "another issuer")]
    [InlineData(null, "not an address", "no https address")]
    [InlineData(null, "http://203.0.113.1/keys", "no https address")]
    [InlineData(null, "file:///etc/passwd", "no https address")]
    [InlineData(null, "https://169.254.169.254/keys", "no host of the public internet")]
    [InlineData(null, "https://localhost/keys", "no host of the public internet")]
    [InlineData(null, "https://[::ffff:10.0.0.1]/keys", "no host of the public internet")]
    public async Task FaultyDiscovery_GivesNoKeys(string? issuer, string? keysAddress, string told)
    {
        _issuer.ClaimedIssuer = issuer;
        _issuer.KeysAddress = keysAddress ?? _issuer.KeysAddress;

        (await RefusalAsync(Keys(), _issuer.Keys[0])).Error.ShouldBe(ErrorCode.IssuerUnavailable);

        _logs.All.Single(log => log.Level == LogLevel.Warning).Message.ShouldContain(told);
        _issuer.Fetches.ShouldBe(0);
    }

    [Fact]
    public async Task PrivateHostOfKeys_TakesASetting()
    {
        // Another origin than the issuer's own, on this machine.
        _issuer.KeysAddress = _issuer.KeysAddress.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

        (await RefusalAsync(Keys(), _issuer.Keys[0])).Error.ShouldBe(ErrorCode.IssuerUnavailable);
        (await IsVerifiedAsync(Keys(allowsPrivateHosts: true), _issuer.Keys[0])).ShouldBeTrue();
    }

    [Theory]
    [InlineData(302, "", "302")]
    [InlineData(200, "[]", "no JSON object")]
    [InlineData(200, "{", "JSON")]
    [InlineData(200, """{"keys":[],"keys":[]}""", "")]
    [InlineData(200, """{"keys":[]}""", "none of its keys")]
    [InlineData(200, """{"\ud800":1}""", "")]
    [InlineData(200, null, "")]
    public async Task FaultyKeys_AreNotTaken(int status, string? body, string told)
    {
        var answer = _issuer.Server.Handler;
        _issuer.Server.Handler = request => request.Path.EndsWith("/keys", StringComparison.Ordinal)
            ? FakeReply.Text(status, "application/json", body ?? new string(' ', 300_000)).Header("Location", _issuer.Address + "/elsewhere")
            : answer(request);

        (await RefusalAsync(Keys(), _issuer.Keys[0])).Error.ShouldBe(ErrorCode.IssuerUnavailable);

        _logs.All.Single(log => log.Level == LogLevel.Warning).Message.ShouldContain(told);
        _issuer.Server.Requests.ShouldNotContain(request => request.Path.EndsWith("/elsewhere", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _loggers.Dispose();
        await _issuer.DisposeAsync();
    }

    private IssuerKeys Keys(bool allowsPrivateHosts = false) => new(_issuer.Address, allowsPrivateHosts, _http, _time, _loggers.CreateLogger<IssuerKeys>());

    private async Task<bool> IsVerifiedAsync(IssuerKeys keys, TestKey key)
    {
        var token = JsonWebToken.Read(_issuer.Token(_time.GetUtcNow().AddHours(1), key: key), out _)!;
        return (await keys.ForAsync(token, CancellationToken.None)).Any(token.IsSignedBy);
    }

    private Task<GatewayException> RefusalAsync(IssuerKeys keys, TestKey key) => Should.ThrowAsync<GatewayException>(() => IsVerifiedAsync(keys, key));
}
