using System.Text.Json;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>The tools that the gateway brings along.</summary>
public sealed class BuiltInToolsTests
{
    [Theory]
    [InlineData("2 * (3 + 4)^2", "98")]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("2^200", "1606938044258990275541962092341162602522202993782792835301376")]
    [InlineData("sqrt 2", "1.4142135624")]
    public async Task Calculator_IsExact(string expression, string expected)
    {
        await using var gateway = Gateway();

        (await gateway.CallAsync("calculator", JsonSerializer.Serialize(new { expression }))).ShouldBe(new ToolResult(expected, IsError: false));
    }

    [Theory]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("9^9^9^9", "too large")]
    [InlineData("System.exit()", "no arithmetic expression")]
    [InlineData("", "no arithmetic expression")]
    public async Task Calculator_SaysWhatItCannot(string expression, string told)
    {
        await using var gateway = Gateway();

        var result = await gateway.CallAsync("calculator", JsonSerializer.Serialize(new { expression }));

        (result.IsError, result.ErrorType).ShouldBe((true, ToolErrors.Tool));
        result.Text.ShouldContain(told);
    }

    [Theory]
    [InlineData("{}", "1970-01-01T00:00:00+00:00, Thursday (UTC)")]
    [InlineData("", "1970-01-01T00:00:00+00:00, Thursday (UTC)")]
    [InlineData("""{"time_zone":"Asia/Tokyo"}""", "1970-01-01T09:00:00+09:00, Thursday (Asia/Tokyo)")]
    [InlineData("""{"time_zone":null}""", "1970-01-01T00:00:00+00:00, Thursday (UTC)")]
    [InlineData("""{"time_zone":"Mars"}""", "'Mars' is no time zone; expected an IANA name such as Europe/Berlin.")]
    public async Task CurrentTime_IsThatOfTheZone(string arguments, string expected)
    {
        var tool = new LlmOps.Gateway.Functions.BuiltIn.BuiltInTools(new FunctionOptions(), null!, new ManualTime());
        var time = (await tool.ListAsync(default)).Single(tool => tool.Name == "current_time");
        time.FaultsOf(JsonElement.Parse(arguments.Length == 0 ? "{}" : arguments)).ShouldBeEmpty();

        (await tool.CallAsync(time, JsonElement.Parse(arguments.Length == 0 ? "{}" : arguments), default)).Text.ShouldBe(expected);
    }

    [Fact]
    public async Task Schemas_ComeFromTheSignatures()
    {
        await using var gateway = Gateway().With("Gateway:Functions:BuiltIn:HttpGet:Hosts", "example.com");
        var offered = (await gateway.OfferAsync())!;

        var calculator = offered.Find("calculator")!.JsonSchema;
        calculator.GetProperty("properties").GetProperty("expression").GetProperty("type").GetString().ShouldBe("string");
        calculator.GetProperty("properties").GetProperty("expression").GetProperty("description").GetString()!.ShouldContain("2 * (3 + 4)^2");
        calculator.GetProperty("required").GetRawText().ShouldBe("""["expression"]""");
        offered.Find("current_time")!.JsonSchema.TryGetProperty("required", out _).ShouldBeFalse();
        offered.Find("http_get")!.JsonSchema.GetProperty("required").GetRawText().ShouldBe("""["url"]""");
        offered.Tools.ShouldAllBe(tool => tool.SchemaFault == null);
    }

    [Fact]
    public async Task ToolsThatAreOff_AreNotThere()
    {
        await using var gateway = Gateway().With("Gateway:Functions:BuiltIn:CurrentTime", "false").With("Gateway:Functions:BuiltIn:Calculator", "false");

        (await gateway.OfferAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task HttpGet_GetsTheTextOfListedHosts()
    {
        await using var page = new FakeServer(request => FakeReply.Json(200, $"{{\"path\":\"{request.Path}\"}}"));
        await using var gateway = HttpGateway(page);

        (await GetAsync(gateway, new Uri(page.BaseAddress, "a/b"))).ShouldBe(new ToolResult("""{"path":"/a/b"}""", IsError: false));
        page.Requests.Single().Headers.Authorization.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://localhost:PORT/", "not among the hosts")]
    [InlineData("http://127.0.0.1:1/", "not among the hosts")]
    [InlineData("http://127.0.0.1:PORT@evil.example/", "no URL")]
    [InlineData("http://evil.example/?http://127.0.0.1:PORT/", "not among the hosts")]
    [InlineData("http://user:pass@127.0.0.1:PORT/", "no URL")]
    [InlineData("file:///etc/passwd", "no URL")]
    [InlineData("/etc/passwd", "no URL")]
    [InlineData("gopher://127.0.0.1:PORT/", "no URL")]
    public async Task HttpGet_AsksNobodyElse(string url, string told)
    {
        await using var page = new FakeServer(_ => FakeReply.Json(200, "{}"));
        await using var gateway = HttpGateway(page);

        var result = await GetAsync(gateway, url.Replace("PORT", $"{page.BaseAddress.Port}", StringComparison.Ordinal));

        result.IsError.ShouldBeTrue();
        result.Text.ShouldContain(told);
        page.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task HttpGet_ReachesNoPrivateAddressUnlessItMay()
    {
        await using var page = new FakeServer(_ => FakeReply.Json(200, "{}"));
        await using var gateway = HttpGateway(page).With("Gateway:Functions:BuiltIn:HttpGet:AllowPrivateAddresses", "false");

        var result = await GetAsync(gateway, page.BaseAddress.ToString());

        result.IsError.ShouldBeTrue();
        result.Text.ShouldContain("private network");
        page.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task HttpGet_FollowsNoRedirect()
    {
        await using var target = new FakeServer(_ => FakeReply.Json(200, "{}"));
        await using var page = new FakeServer(_ => FakeReply.Json(302, "{}").Header("location", target.BaseAddress.ToString()));
        await using var gateway = HttpGateway(page);

        var result = await GetAsync(gateway, page.BaseAddress.ToString());

        result.IsError.ShouldBeTrue();
        result.Text.ShouldBe($"HTTP 302: the page redirects to {target.BaseAddress}, which is not followed.");
        target.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task HttpGet_ReadsSoMuchAndNoMore()
    {
        await using var page = new FakeServer(_ => FakeReply.Json(200, new string('x', 5000)));
        await using var gateway = HttpGateway(page).With("Gateway:Functions:BuiltIn:HttpGet:MaxBytes", "1024");

        (await GetAsync(gateway, page.BaseAddress.ToString())).Text.ShouldBe(new string('x', 1024) + "\n[The page is longer; these are its first 1024 bytes.]");
    }

    [Theory]
    [InlineData(404, "HTTP 404: {\"error\":\"nothing here\"}")]
    [InlineData(500, "HTTP 500: {\"error\":\"nothing here\"}")]
    public async Task HttpGet_TellsFailures(int status, string told)
    {
        await using var page = new FakeServer(_ => FakeReply.Json(status, """{"error":"nothing here"}"""));
        await using var gateway = HttpGateway(page);

        (await GetAsync(gateway, page.BaseAddress.ToString())).ShouldBe(new ToolResult(told, IsError: true) { ErrorType = ToolErrors.Tool });
    }

    [Fact]
    public async Task HttpGet_ThatHangs_IsGivenUp()
    {
        await using var page = new FakeServer(_ => FakeReply.Silence());
        await using var gateway = HttpGateway(page).With("Gateway:Functions:CallTimeout", "200ms");

        (await GetAsync(gateway, page.BaseAddress.ToString())).ErrorType.ShouldBe(ToolErrors.Timeout);
    }

    private static GatewayApplication Gateway() => new GatewayApplication().With("Gateway:Functions:Offer", "*");

    private static GatewayApplication HttpGateway(FakeServer page) => Gateway()
        .With("Gateway:Functions:BuiltIn:HttpGet:Hosts", $"127.0.0.1:{page.BaseAddress.Port}").With("Gateway:Functions:BuiltIn:HttpGet:AllowPrivateAddresses", "true");

    private static Task<ToolResult> GetAsync(GatewayApplication gateway, object url) => gateway.CallAsync("http_get", JsonSerializer.Serialize(new { url = $"{url}" }));
}
