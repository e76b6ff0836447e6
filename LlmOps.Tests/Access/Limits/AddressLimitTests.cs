using System.Net;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Limits of addresses, and who is believed when it says where a request comes from.</summary>
public sealed class AddressLimitTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Request = """{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""";

    private readonly GatewayApplication _gateway = new GatewayApplication().With("Gateway:Access:AddressLimits:RequestsPerMinute", "3");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData(Chat)]
    [InlineData("/chat")]
    [InlineData("/nowhere")]
    public async Task AnonymousAddress_HasALimit_AndOthersGoOn(string path)
    {
        _gateway.With("Gateway:Access:TrustedProxies:0", "127.0.0.1").With("Gateway:Access:Mode", "Open");

        (await StatusesAsync(path, "203.0.113.7", 5)).Skip(3).ShouldAllBe(status => status == HttpStatusCode.TooManyRequests);

        using var refused = await _gateway.SendAsync(path, Request, forwardedFor: "203.0.113.7");
        (await refused.Content.ReadAsStringAsync()).ShouldContain("The limit of 3 requests per minute of address '203.0.113.7' is used up");
        refused.Header("x-ratelimit-limit-requests").ShouldBe("3");
        (await StatusesAsync(path, "203.0.113.8", 3)).ShouldNotContain(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task AnonymousAnswers_TellOfTheLimit()
    {
        _gateway.With("Gateway:Access:TrustedProxies:0", "127.0.0.0/8").With("Gateway:Access:Mode", "Open");

        using var answer = await _gateway.SendAsync(Chat, Request, forwardedFor: "203.0.113.7");

        (answer.Header("x-ratelimit-limit-requests"), answer.Header("x-ratelimit-remaining-requests")).ShouldBe(("3", "2"));
    }

    [Fact]
    public async Task ThisMachineInOpenMode_HasNone() =>
        (await StatusesAsync(Chat, null, 10)).ShouldAllBe(status => status == HttpStatusCode.OK);

    [Theory]
    [InlineData(Chat)]
    [InlineData("/cache/stats")]
    [InlineData("/admin/keys")]
    [InlineData("/auth/login")]
    [InlineData("/auth/refresh")]
    public async Task Guessing_IsBounded_AlsoFromThisMachine_AndRightKeysGoOn(string path)
    {
        _gateway.With("Gateway:Access:Mode", "Required");
        var key = await _gateway.AddKeyAsync(null);

        (await StatusesAsync(path, null, 3, key: "sk-llmops-guess")).ShouldNotContain(HttpStatusCode.TooManyRequests);
        (await StatusesAsync(path, null, 3, key: "sk-llmops-guess")).ShouldAllBe(status => status == HttpStatusCode.TooManyRequests);
        (await StatusesAsync(path, null, 1)).ShouldBe([HttpStatusCode.TooManyRequests]);

        (await StatusesAsync(Chat, null, 5, key)).ShouldAllBe(status => status == HttpStatusCode.OK);
        using var health = await _gateway.Http.GetAsync("/health");
        health.IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task FloodOfWrongKeys_StopsNobodyAtAnotherAddress()
    {
        _gateway.With("Gateway:Access:Mode", "Required").With("Gateway:Access:TrustedProxies:0", "127.0.0.1");

        (await StatusesAsync(Chat, "203.0.113.7", 20, "sk-guess")).Count(status => status == HttpStatusCode.Unauthorized).ShouldBe(3);
        (await StatusesAsync(Chat, "203.0.113.8", 2, "sk-guess")).ShouldAllBe(status => status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task ForwardedHeadersOfOthers_AreNotRead()
    {
        _gateway.With("Gateway:Access:Mode", "Required").With("Gateway:Access:TrustedProxies:0", "10.0.0.0/8");

        foreach (var number in Enumerable.Range(1, 3))
        {
            (await StatusesAsync(Chat, $"203.0.113.{number}", 1)).ShouldBe([HttpStatusCode.Unauthorized]);
        }

        using var refused = await _gateway.SendAsync(Chat, Request, forwardedFor: "203.0.113.9");
        (await refused.Content.ReadAsStringAsync()).ShouldContain("of address '127.0.0.1' is used up");
    }

    [Fact]
    public async Task ChainThatACallerMadeUp_IsReadToTheFirstUntrustedHop()
    {
        _gateway.With("Gateway:Access:Mode", "Required").With("Gateway:Access:TrustedProxies", "127.0.0.1, 10.0.0.0/8");

        foreach (var number in Enumerable.Range(1, 3))
        {
            (await StatusesAsync(Chat, $"198.51.100.{number}, 203.0.113.7, 10.1.2.3", 1)).ShouldBe([HttpStatusCode.Unauthorized]);
        }

        using var refused = await _gateway.SendAsync(Chat, Request, forwardedFor: "198.51.100.9, 203.0.113.7, 10.9.9.9");
        (await refused.Content.ReadAsStringAsync()).ShouldContain("of address '203.0.113.7' is used up");
    }

    [Theory]
    [InlineData("203.0.113.7", "address:203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "address:203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::1", "address:2001:db8:1:2::/64")]
    [InlineData("fe80::1%2", "address:fe80::/64")]
    public void Address_IsTheOwnerOfLimits_OfIPv6ItsNetwork(string address, string owner) =>
        CallerAddress.OwnerOf(IPAddress.Parse(address)).ShouldBe(owner);

    [Theory]
    [InlineData("TrustedProxies:0", "proxy.example.com", "Gateway:Access:TrustedProxies:0 is 'proxy.example.com'; expected an address such as 10.0.0.7 or a range")]
    [InlineData("TrustedProxies:0", "10", "Gateway:Access:TrustedProxies:0 is '10'")]
    [InlineData("TrustedProxies:0", "10.0.0.0/40", "Gateway:Access:TrustedProxies:0 is '10.0.0.0/40'")]
    [InlineData("ModelLimits:gpt-4:o:RequestsPerDay", "5", "Gateway:Access:ModelLimits")]
    [InlineData("ModelLimits:nobody-knows-it:RequestsPerDay", "5", "Gateway:Access:ModelLimits:nobody-knows-it: There is no model 'nobody-knows-it'")]
    [InlineData("ModelLimits:offline:RequestsPerDay", "0", "Gateway:Access:ModelLimits:offline:RequestsPerDay is 0; expected 1 to 1000000000000")]
    [InlineData("AddressLimits:RequestsPerSecond", "1", "Gateway:Access:AddressLimits:RequestsPerSecond is not a setting; expected one of Concurrency, RequestsPerDay")]
    public void FaultySetting_IsNamed(string key, string value, string fault) =>
        Should.Throw<ConfigurationException>(() => Configuration.ConfigurationTests.Build(($"Gateway:Access:{key}", value))).Message.ShouldContain(fault);

    private async Task<IReadOnlyList<HttpStatusCode>> StatusesAsync(string path, string? forwardedFor, int count, string? key = null)
    {
        var statuses = new List<HttpStatusCode>();
        for (var sent = 0; sent < count; sent++)
        {
            using var answer = await _gateway.SendAsync(path, Request, key, forwardedFor);
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }
}
