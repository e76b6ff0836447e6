using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.BuiltIn;
using LlmOps.Tests.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>The settings of tools: what is wrong is told, and a change is taken without a restart.</summary>
public sealed class FunctionOptionsTests
{
    [Fact]
    public void Faults_AreToldAtOnceEachWithItsKey()
    {
        var faults = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(
            ("Gateway:Functions:Offer", "a b,docs__*"),
            ("Gateway:Functions:Tools:x.y:Timeout", "1s"),
            ("Gateway:Functions:Tools:x:Timeout", "0s"),
            ("Gateway:Functions:Servers:two:Url", "http://a.example/"),
            ("Gateway:Functions:Servers:two:Command", "node"),
            ("Gateway:Functions:Servers:none:Timeout", "5s"),
            ("Gateway:Functions:Servers:bad__name:Url", "http://a.example/"),
            ("Gateway:Functions:Servers:user:Url", "http://u:p@a.example/"),
            ("Gateway:Functions:Servers:head:Url", "http://a.example/"),
            ("Gateway:Functions:Servers:head:ApiKey", "k"),
            ("Gateway:Functions:Servers:head:Headers:Authorization", "Basic x"),
            ("Gateway:Functions:Servers:head:Headers:bad name", "x"),
            ("Gateway:Functions:Servers:head:Environment:X", "x"),
            ("Gateway:Functions:BuiltIn:HttpGet:Hosts", "http://a.example,ok.example,*.ok.example,ok.example:99999"),
            ("Gateway:Models:mine:Targets:0:Provider", "offline"),
            ("Gateway:Models:mine:Targets:0:Model", "offline"),
            ("Gateway:Models:mine:Tools", "a/b"))).Faults;

        string[] expected =
        [
            "Gateway:Functions:Offer has 'a b'; expected the name of a tool",
            "Gateway:Functions:Tools has 'x.y'; expected",
            "Gateway:Functions:Tools:x:Timeout is 00:00:00; expected 00:00:00.010",
            "Gateway:Functions:Servers:two has both Url and Command; expected one of them.",
            "Gateway:Functions:Servers:two:Command is set, but",
            "Gateway:Functions:Servers:none has neither Url nor Command; expected one of them.",
            "Gateway:Functions:Servers has 'bad__name'; expected a name of",
            "Gateway:Functions:Servers:user:Url has a user or password in it",
            "Gateway:Functions:Servers:head:Headers:Authorization is there beside ApiKey",
            "Gateway:Functions:Servers:head:Headers:bad name cannot be sent",
            "Gateway:Functions:Servers:head has Arguments or Environment without Command",
            "Gateway:Functions:BuiltIn:HttpGet:Hosts has 'http://a.example'; expected a host",
            "Gateway:Functions:BuiltIn:HttpGet:Hosts has 'ok.example:99999'; expected a host",
            "Gateway:Models:mine:Tools has 'a/b'; expected the name of a tool",
        ];
        foreach (var fault in expected)
        {
            faults.ShouldContain(told => told.StartsWith(fault, StringComparison.Ordinal), fault);
        }

        faults.Count.ShouldBe(expected.Length, string.Join('\n', faults));
    }

    [Fact]
    public void MoreExactEntry_WinsSettingBySetting()
    {
        var options = ConfigurationTests.Build(
            ("Gateway:Functions:CallTimeout", "9s"),
            ("Gateway:Functions:Tools:*:RequestsPerMinute", "1"),
            ("Gateway:Functions:Tools:docs__*:RequestsPerMinute", "2"),
            ("Gateway:Functions:Tools:docs__*:Timeout", "2s"),
            ("Gateway:Functions:Tools:docs__find:Approval", "true")).Options.Functions;

        var found = options.Of("docs__find");
        (found.Timeout, found.RequestsPerMinute, found.Approval, found.Cacheable, found.MaxResultBytes).ShouldBe((TimeSpan.FromSeconds(2), 2, true, null, 65536));
        (options.Of("x").Timeout, options.Of("x").RequestsPerMinute).ShouldBe((TimeSpan.FromSeconds(9), 1));
    }

    [Theory]
    [InlineData("Gateway:Functions:Servers:docs:ApiKey")]
    [InlineData("Gateway:Functions:Servers:docs:Headers:X-Token")]
    [InlineData("Gateway:Functions:Servers:docs:Headers:Cookie")]
    public void Secret_IsNoPartOfTheVersion(string key)
    {
        var (one, other) = (ConfigurationTests.Build(("Gateway:Functions:Servers:docs:Url", "http://a.example/"), (key, "one")), ConfigurationTests.Build(("Gateway:Functions:Servers:docs:Url", "http://a.example/"), (key, "other")));

        one.Version.ShouldBe(other.Version);
        System.Text.Json.JsonSerializer.Serialize(one.Options.Functions.Servers).ShouldNotContain("\"one\"");
    }

    [Theory]
    [InlineData("a.example", "http://a.example/x", true)]
    [InlineData("a.example", "https://A.Example/x", true)]
    [InlineData("a.example", "https://b.a.example/x", false)]
    [InlineData("a.example", "https://a.example:8443/x", false)]
    [InlineData("a.example:8443", "https://a.example:8443/x", true)]
    [InlineData("a.example:8443", "https://a.example/x", false)]
    [InlineData("*.a.example", "https://b.a.example/x", true)]
    [InlineData("*.a.example", "https://a.example/x", false)]
    [InlineData("*.a.example", "https://ba.example/x", false)]
    [InlineData("a.example", "https://a.example.evil.example/", false)]
    public void Host_IsAllowedAsListed(string host, string url, bool isAllowed) => new HttpGetOptions { Hosts = [host] }.Allows(new Uri(url)).ShouldBe(isAllowed);

    [Theory]
    [InlineData("docs", "search", "docs__search")]
    [InlineData("docs", "a.b/c d", "docs__a_b_c_d_5da27155")]
    [InlineData("docs", "grüße", "docs__gr__e_8285d1ad")]
    public void NameOfTool_BeginsWithItsServer(string server, string tool, string expected) => ToolName.Of(server, tool).ShouldBe(expected);

    [Theory]
    [InlineData("docs__*", "docs__", true)]
    [InlineData("d*", "docs__", true)]
    [InlineData("*", "docs__", true)]
    [InlineData("docs__find", "docs__", true)]
    [InlineData("docs", "docs__", false)]
    [InlineData("doc__*", "docs__", false)]
    [InlineData("calculator", "docs__", false)]
    [InlineData("calculator", "", true)]
    public void Source_IsAskedWhereAListMayHaveItsTools(string pattern, string prefix, bool may) => ToolName.MayBeIn([pattern], prefix).ShouldBe(may);

    [Fact]
    public async Task Change_KeepsServersThatAreTheSame_ClosesThoseThatAreGone()
    {
        await using var kept = await TestMcpServer.StartAsync();
        await using var gone = await TestMcpServer.StartAsync();
        await using var other = await TestMcpServer.StartAsync();
        other.Add("find", () => "");
        await using var gateway = new GatewayApplication().WithServer("kept", kept).WithServer("gone", gone).With("Gateway:Functions:Timeout", "100ms");
        (await gateway.NamesAsync()).ShouldBe(["current_time", "calculator", "gone__echo", "kept__echo"], ignoreOrder: true);
        var configuration = gateway.Services.GetRequiredService<IConfiguration>();

        configuration["Gateway:Functions:Servers:gone:Url"] = other.Url;
        configuration["Gateway:Functions:Servers:kept:Approval:0"] = "echo";
        configuration["Gateway:Functions:Servers:kept:Timeout"] = "9s";
        configuration["Gateway:Functions:Servers:kept:RefreshAfter"] = "2h";
        configuration["Gateway:Functions:BuiltIn:CurrentTime"] = "false";
        ((IConfigurationRoot)configuration).Reload();

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("gone__find"));
        await Conditions.HoldsAsync(() => Task.FromResult(gone.Requests.Any(request => request.Method == "end of session")));
        var offered = (await gateway.OfferAsync())!;
        offered.Tools.Select(tool => tool.Name).ShouldBe(["calculator", "gone__echo", "gone__find", "kept__echo"], ignoreOrder: true);
        offered.Find("kept__echo")!.NeedsApproval.ShouldBeTrue();
        kept.Requests.Count(request => request.Method == "initialize").ShouldBe(1);
    }

    [Fact]
    public async Task Change_LetsRequestsThatHaveBegunCallTheirTools()
    {
        await using var server = await TestMcpServer.StartAsync();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Add("slow", async () =>
        {
            begun.SetResult();
            await end.Task;
            return "done";
        });
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var request = gateway.Request();
        var call = gateway.CallAsync("docs__slow", "{}", request);
        await begun.Task;

        Reload(gateway, "Gateway:Functions:Servers:docs:Headers:X-Team", "another");
        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("docs__slow") && server.Requests.Count(asked => asked.Method == "initialize") == 2);
        end.SetResult();

        (await call).ShouldBe(new ToolResult("done", IsError: false));
        (await gateway.CallAsync("docs__echo", """{"text":"next round"}""", request)).ShouldBe(new ToolResult("next round", IsError: false));
    }

    // What an answer was given under is a part of the cache's key.
    [Theory]
    [InlineData("Gateway:Functions:Servers:docs:Approval:0", "echo")]
    [InlineData("Gateway:Functions:Servers:docs:Cacheable:0", "echo")]
    [InlineData("Gateway:Functions:Servers:docs:Url", null)]
    public async Task ChangeOfWhatHoldsForATool_IsAnotherToolForTheCache(string setting, string? value)
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var other = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var before = (await gateway.OfferAsync())!.Hash;
        (await gateway.OfferAsync())!.Hash.ShouldBe(before);

        Reload(gateway, setting, value ?? other.Url);

        await Conditions.HoldsAsync(async () => await gateway.OfferAsync() is { } offered && offered.Find("docs__echo") is not null && offered.Hash != before);
    }

    private static void Reload(GatewayApplication gateway, string setting, string value)
    {
        var configuration = gateway.Services.GetRequiredService<IConfiguration>();
        configuration[setting] = value;
        ((IConfigurationRoot)configuration).Reload();
    }
}
