using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Tests.Access;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>Who is offered which of the gateway's tools.</summary>
public sealed class OfferTests
{
    // Lists with commas between; - for no list at all, nothing for one without names.
    [Theory]
    [InlineData("-", "-", "-", "-", null)]
    [InlineData("*", "-", "-", "-", "current_time,calculator,docs__echo,docs__find")]
    [InlineData("docs__*", "-", "-", "-", "docs__echo,docs__find")]
    [InlineData("DOCS__ECHO", "-", "-", "-", "docs__echo")]
    [InlineData("*", "docs__*", "-", "-", "docs__echo,docs__find")]
    [InlineData("-", "docs__echo,calculator", "-", "-", "calculator,docs__echo")]
    [InlineData("*", "", "-", "-", "")]
    [InlineData("-", "-", "calculator,docs__echo", "-", "calculator,docs__echo")]
    [InlineData("-", "-", "-", "docs__find", "docs__find")]
    [InlineData("*", "-", "-", "", null)]
    [InlineData("-", "*", "*", "", null)]
    [InlineData("-", "docs__*", "docs__echo,calculator", "-", "docs__echo")]
    [InlineData("-", "docs__*", "-", "docs__echo,calculator", "docs__echo")]
    [InlineData("-", "docs__*", "calculator", "*", "")]
    [InlineData("-", "docs__*", "*", "docs__find,docs__echo", "docs__echo,docs__find")]
    [InlineData("-", "nothing_such", "-", "-", "")]
    public async Task Tool_IsOfferedWhereAllListsThatThereAreAllowIt(string offer, string key, string model, string prompt, string? expected)
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("find", () => "");
        await using var gateway = new GatewayApplication().With("Gateway:Functions:Servers:docs:Url", server.Url)
            .With("Gateway:Models:mine:Targets:0:Provider", "offline").With("Gateway:Models:mine:Targets:0:Model", "offline");
        gateway.With("Gateway:Functions:Offer", offer == "-" ? "" : offer).With("Gateway:Models:mine:Tools", model == "-" ? "" : model);

        var offered = await gateway.OfferAsync(gateway.Request(model: "mine", keyTools: List(key), prompt: List(prompt) is { } tools ? new PromptIdentity("p", "v1", "h") { Tools = tools } : null));

        (offered is null ? null : string.Join(',', offered.Tools.Select(tool => tool.Name))).ShouldBe(expected);
    }

    [Fact]
    public async Task ListOfKey_ComesFromItsAdministration()
    {
        await using var gateway = new GatewayApplication();
        var (id, key) = await gateway.CreateKeyAsync("""{"name":"k","tools":["docs__*","calculator"]}""");
        (await gateway.AdministerAsync("GET", $"/admin/keys/{id}")).GetProperty("tools").GetRawText().ShouldBe("""["docs__*","calculator"]""");

        (await gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"tools":[]}""")).GetProperty("tools").GetArrayLength().ShouldBe(0);
        (await gateway.AdministerAsync("PATCH", $"/admin/keys/{id}", """{"tools":null}""")).GetProperty("tools").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        (await gateway.RefusalAsync("PATCH", $"/admin/keys/{id}", """{"tools":"calculator"}""")).Field.ShouldBe("tools");
        (await gateway.AskAsync(key)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/chat", false)]
    [InlineData("/invoke", false)]
    public async Task ToolThatNeedsApproval_IsOfferedWhereItCanBeGiven(string endpoint, bool isOffered)
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("delete", () => "").Add("find", () => "");
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:Servers:docs:Approval:0", "del*").With("Gateway:Functions:Tools:docs__find:Cacheable", "true");

        var offered = (await gateway.OfferAsync(gateway.Request(endpoint)))!;

        (offered.Find("docs__delete")?.NeedsApproval).ShouldBe(isOffered ? true : null);
        offered.Find("docs__echo")!.NeedsApproval.ShouldBeFalse();
        (offered.Find("docs__find")!.IsCacheable, offered.Find("docs__echo")!.IsCacheable, offered.Find("calculator")!.IsCacheable, offered.Find("current_time")!.IsCacheable).ShouldBe((true, false, true, false));
    }

    [Fact]
    public async Task ToolThatTheCallerBrings_IsTheCallers()
    {
        await using var gateway = new GatewayApplication().With("Gateway:Functions:Offer", "*");
        var both = (await gateway.OfferAsync())!;
        var options = new GatewayChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("calculator", "mine", System.Text.Json.JsonElement.Parse("{}"))] };

        var offered = (await gateway.OfferAsync(gateway.Request(options: options)))!;

        offered.Tools.Select(tool => tool.Name).ShouldBe(["current_time"]);
        offered.Hash.ShouldNotBe(both.Hash);
        (await gateway.OfferAsync())!.Hash.ShouldBe(both.Hash);
    }

    [Fact]
    public async Task MoreToolsThanProvidersTake_AreCutAndItIsToldOnce()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Pages = 140;
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var options = new GatewayChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("mine", "mine", System.Text.Json.JsonElement.Parse("{}"))] };

        (await gateway.NamesAsync()).Count.ShouldBe(128);
        (await gateway.NamesAsync(gateway.Request(options: options))).Count.ShouldBe(127);

        gateway.Logs.All.Count(log => log.Message.Contains("more than 128 tools", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task NothingToOffer_CostsNothing()
    {
        await using var gateway = new GatewayApplication();
        var (request, tools) = (gateway.Request(), gateway.Services.GetRequiredService<LlmOps.Gateway.Functions.GatewayTools>());
        Offer();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Offer();
        var after = GC.GetAllocatedBytesForCurrentThread();

        (after - before).ShouldBe(0);

        void Offer()
        {
            for (var time = 0; time < 100; time++)
            {
                var offered = tools.OfferAsync(request);
                if (!offered.IsCompletedSuccessfully || offered.Result is not null)
                {
                    throw new InvalidOperationException("Something was offered.");
                }
            }
        }
    }

    [Fact]
    public async Task ListOfServer_LeavesOthersOut()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("find", () => "").Add("find_all", () => "").Add("delete", () => "");
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:Servers:docs:Tools", "find*,nothing");

        (await gateway.NamesAsync()).ShouldBe(["current_time", "calculator", "docs__find", "docs__find_all"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("tools: [docs__*, calculator]", "docs__*,calculator")]
    [InlineData("description: none", "")]
    public void ToolsOfPrompt_AreAPartOfIt(string line, string expected)
    {
        var version = LlmOps.Gateway.Prompts.Files.VersionFile.Read("p", 1, $"name: p\nversion: v1\nuser: Hi\n{line}\n");

        string.Join(',', version.Identity.Tools).ShouldBe(expected);
        (version.ContentHash == LlmOps.Gateway.Prompts.Files.VersionFile.Read("p", 1, "name: p\nversion: v1\nuser: Hi\n").ContentHash).ShouldBe(expected.Length == 0);
    }

    private static string[]? List(string list) => list == "-" ? null : list.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
