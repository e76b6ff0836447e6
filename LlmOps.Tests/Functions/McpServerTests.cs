using System.Diagnostics;
using System.Text;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Access;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

namespace LlmOps.Tests.Functions;

/// <summary>The tools of real MCP servers over HTTP, when all is well and when it is not.</summary>
public sealed class McpServerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tool_IsListedAndCalled(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        (await gateway.NamesAsync()).ShouldContain("docs__echo");

        (await gateway.CallAsync("docs__echo", """{"text":"grüße"}""")).ShouldBe(new ToolResult("grüße", IsError: false));
        var call = await gateway.Logs.FirstAsync(log => log.State.ContainsKey("ToolOutcome"));
        (call.State["Tool"], call.State["ToolOutcome"], call.State["Caller"], call.State["CallerTenant"]).ShouldBe(("docs__echo", "ok", "local", "default"));
        gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains("grüße", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_ShareOneConnection_MadeWhenItIsNeeded()
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var none = gateway.Request(keyTools: ["calculator", "other__*"]);
        (await gateway.NamesAsync(none)).ShouldBe(["calculator"]);
        server.Requests.ShouldBeEmpty();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.NamesAsync()));

        server.Requests.Count(request => request.Method == "initialize").ShouldBe(1);
        server.Requests.Count(request => request.Method == "tools/list").ShouldBe(1);
    }

    [Fact]
    public async Task ManyTools_AreReadFromAllPages()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Pages = 5;
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        (await gateway.NamesAsync()).ShouldBe(["current_time", "calculator", "docs__echo", "docs__page0", "docs__page1", "docs__page2", "docs__page3", "docs__page4"], ignoreOrder: true);
        server.Requests.Count(request => request.Method == "tools/list").ShouldBe(6);
    }

    [Fact]
    public async Task NameThatModelsDoNotTake_IsMadeOneThatTheyDo()
    {
        await using var server = await TestMcpServer.StartAsync();
        var longest = new string('x', 80);
        server.Add("a.b", () => "dot").Add("a_b", () => "underscore").Add(longest, () => "long");
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        var names = await gateway.NamesAsync();

        names.ShouldAllBe(name => name.Length <= 64 && System.Text.RegularExpressions.Regex.IsMatch(name, "^[A-Za-z0-9_-]+$"));
        var two = names.Where(name => name.StartsWith("docs__a_b", StringComparison.Ordinal)).ToList();
        two.Count.ShouldBe(2);
        (await gateway.CallAsync("docs__a_b", "{}")).Text.ShouldBe("underscore");
        (await gateway.CallAsync(two.Single(name => name != "docs__a_b"), "{}")).Text.ShouldBe("dot");
        (await gateway.CallAsync(names.Single(name => name.StartsWith("docs__xxx", StringComparison.Ordinal)), "{}")).Text.ShouldBe("long");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KilledAndRestarted_IsLeftOutAndComesBack(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var before = gateway.Request();
        await gateway.OfferAsync(before);
        await server.StopAsync();

        var result = await gateway.CallAsync("docs__echo", """{"text":"x"}""", before);

        (result.IsError, result.ErrorType).ShouldBe((true, ToolErrors.Unavailable));
        var without = gateway.Request();
        await Conditions.HoldsAsync(async () => !(await gateway.NamesAsync(without = gateway.Request())).Contains("docs__echo"));
        without.Degraded.ShouldBe("mcp:docs");
        var health = await gateway.Http.GetStringAsync("/health");
        health.ShouldContain("docs: the connection was refused");
        health.ShouldContain("\"degraded\"");

        await server.StartAgainAsync();

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("docs__echo"));
        (await gateway.CallAsync("docs__echo", """{"text":"back"}""")).Text.ShouldBe("back");
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("\"status\":\"healthy\"");
        gateway.Logs.All.Count(log => log.Level == LogLevel.Warning && log.Message.Contains("is down: the connection was refused", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task SessionThatIsLost_IsMadeAnewWithinTheCall()
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var request = gateway.Request();
        await gateway.OfferAsync(request);
        await server.StopAsync();
        await server.StartAgainAsync();

        var result = await gateway.CallAsync("docs__echo", """{"text":"again"}""", request);

        result.ShouldBe(new ToolResult("again", IsError: false));
        server.Requests.Count(asked => asked.Method == "initialize").ShouldBe(2);
    }

    [Fact]
    public async Task ListThatChanges_IsReadAnew()
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        var before = (await gateway.OfferAsync())!;

        server.Add("added", () => "new");

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("docs__added"));
        (await gateway.CallAsync("docs__added", "{}")).Text.ShouldBe("new");
        (await gateway.OfferAsync())!.Hash.ShouldNotBe(before.Hash);
    }

    [Fact]
    public async Task ListOfServerThatTellsNothing_IsReadAnewAfterATime()
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions: false);
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:Servers:docs:RefreshAfter", "1s");
        await gateway.OfferAsync();

        server.Add("added", () => "new");

        await Conditions.HoldsAsync(async () => (await gateway.NamesAsync()).Contains("docs__added"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallThatHangs_IsGivenUpAndCancelled(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        var left = new TaskCompletionSource();
        server.Add("hang", async (CancellationToken cancellationToken) =>
        {
            await using var _ = cancellationToken.Register(left.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        });
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:CallTimeout", "200ms");

        var result = await gateway.CallAsync("docs__hang", "{}");

        (result.IsError, result.ErrorType).ShouldBe((true, ToolErrors.Timeout));
        result.Text.ShouldContain("0.2 s");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallerThatLeaves_CancelsTheCall(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        var (begun, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Add("hang", async (CancellationToken cancellationToken) =>
        {
            await using var _ = cancellationToken.Register(left.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        });
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        using var caller = new CancellationTokenSource();
        var call = gateway.CallAsync("docs__hang", "{}", cancellationToken: caller.Token);
        await begun.Task;

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        (await gateway.Logs.FirstAsync(log => log.State.ContainsKey("ToolOutcome"))).State["ToolOutcome"].ShouldBe(ToolErrors.Cancelled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LargeResult_IsCutWithANote(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        server.Add("big", () => new string('ä', 5 * 1024 * 1024 / 2));
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:MaxResultBytes", "1001");

        var result = await gateway.CallAsync("docs__big", "{}");

        result.IsError.ShouldBeFalse();
        result.Text.ShouldStartWith(new string('ä', 500) + "\n[The gateway has cut this result: it has 5242880 bytes, of which the first 1000 are shown.]");
    }

    [Fact]
    public async Task AnswerWithoutMeasure_IsBrokenOff()
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions: false);
        server.Add("huge", () => new string('x', 20 * 1024 * 1024));
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        var result = await gateway.CallAsync("docs__huge", "{}");

        result.IsError.ShouldBeTrue();
        result.Text.Length.ShouldBeLessThan(500);
    }

    [Fact]
    public async Task ErrorOfTheTool_IsTheModelsToKnow()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("fail", () => new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no such city" }] });
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        var result = await gateway.CallAsync("docs__fail", "{}");

        (result.Text, result.IsError, result.ErrorType).ShouldBe(("no such city", true, ToolErrors.Tool));
    }

    [Fact]
    public async Task ContentsThatAreNoText_AreNamed()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Add("mixed", () => new CallToolResult
        {
            Content =
            [
                new TextContentBlock { Text = "look:" },
                ImageContentBlock.FromBytes(new byte[] { 1, 2, 3 }, "image/png"),
                new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "file:///a.txt", Text = "inside" } },
                new ResourceLinkBlock { Uri = "https://example.com/b", Name = "b" },
            ],
        });
        server.Add("structured", () => new CallToolResult { Content = [], StructuredContent = System.Text.Json.JsonElement.Parse("""{"degrees":21}""") });
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        (await gateway.CallAsync("docs__mixed", "{}")).Text.ShouldBe("look:\n[an image, image/png, 3 bytes, which is not shown]\n[file:///a.txt]\ninside\n[a link to https://example.com/b: b]");
        (await gateway.CallAsync("docs__structured", "{}")).Text.ShouldBe("""{"degrees":21}""");
    }

    [Theory]
    [InlineData("""{"text":5}""", "$.text")]
    [InlineData("{}", "text")]
    [InlineData("""{"text":"a","text":"b"}""", "each name once")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "no JSON object")]
    public async Task ArgumentsThatBreakTheSchema_AreNotSent(string arguments, string told)
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        var result = await gateway.CallAsync("docs__echo", arguments);

        (result.IsError, result.ErrorType).ShouldBe((true, ToolErrors.Arguments));
        result.Text.ShouldContain(told);
        server.Requests.ShouldAllBe(request => request.Method != "tools/call");
    }

    [Fact]
    public async Task SchemaThatCannotBeChecked_IsShownAndTheToolOffered()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.AddWithSchema("odd", """{"type":"object","properties":{"a":{"type":"array","contains":{"type":"string"}}},"dependentRequired":{"a":["b"]}}""");
        await using var gateway = new GatewayApplication().WithServer("docs", server);

        (await gateway.CallAsync("docs__odd", """{"c":1}""")).Text.ShouldBe("c");

        var shown = (await gateway.AdministerAsync("GET", "/admin/tools")).GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == "docs")
            .GetProperty("tools").EnumerateArray().Single(tool => tool.GetProperty("name").GetString() == "docs__odd");
        shown.GetProperty("schema_fault").GetString()!.ShouldContain("not supported");
        await gateway.Logs.FirstAsync(log => log.Message.Contains("docs__odd are not checked", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WrongCredential_LeavesItsToolsOutAndIsToldNowhere(bool hasSessions)
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions);
        server.Wanted = "right";
        await using var gateway = new GatewayApplication().WithServer("docs", server)
            .With("Gateway:Functions:Servers:docs:ApiKey", "canary-key-5x7q").With("Gateway:Functions:Servers:docs:Headers:X-Team", "canary-header-5x7q");
        var request = gateway.Request();

        (await gateway.NamesAsync(request)).ShouldNotContain("docs__echo");

        request.Degraded.ShouldBe("mcp:docs");
        var told = new StringBuilder((await gateway.AdministerAsync("GET", "/admin/tools")).GetRawText())
            .Append(await gateway.Http.GetStringAsync("/system/health")).AppendJoin('\n', gateway.Logs.All.Select(log => log.Message + log.Exception)).ToString();
        told.ShouldContain("does not accept the credential (HTTP 401)");
        told.ShouldNotContain("canary", Case.Sensitive);
        server.Requests.First().Headers["X-Team"].ShouldBe("canary-header-5x7q");
    }

    [Fact]
    public async Task Server_GetsTheTraceAndNoBaggageOfOurCallers()
    {
        await using var server = await TestMcpServer.StartAsync();
        await using var gateway = new GatewayApplication().WithServer("docs", server);
        await gateway.OfferAsync();
        using var call = new Activity("execute_tool docs__echo").SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").AddBaggage("user.email", "ann@corp.example");
        call.TraceStateString = "vendor=secret";
        call.Start();

        await gateway.CallAsync("docs__echo", """{"text":"x"}""");

        var message = server.Messages.Single(message => message.Contains("tools/call", StringComparison.Ordinal));
        message.ShouldNotContain("ann@corp.example");
        message.ShouldNotContain("vendor=secret");
        var headers = server.Requests.Single(asked => asked.Method == "tools/call").Headers;
        headers["traceparent"].ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c");
        headers.Keys.ShouldNotContain("baggage");
        headers.Keys.ShouldNotContain("tracestate");
    }

    [Fact]
    public async Task RightCredential_OpensTheDoor()
    {
        await using var server = await TestMcpServer.StartAsync();
        server.Wanted = "right";
        await using var gateway = new GatewayApplication().WithServer("docs", server).With("Gateway:Functions:Servers:docs:ApiKey", "right");

        (await gateway.CallAsync("docs__echo", """{"text":"in"}""")).Text.ShouldBe("in");
    }

    [Fact]
    public async Task ServerThatFails_IsLeftAloneAndTriedAgain()
    {
        await using var server = await TestMcpServer.StartAsync(hasSessions: false);
        await using var gateway = new GatewayApplication().WithServer("docs", server)
            .With("Gateway:Routing:Breaker:MinimumCalls", "3").With("Gateway:Routing:Breaker:Cooldown", "100ms");
        var request = gateway.Request();
        await gateway.OfferAsync(request);
        server.Status = 500;
        for (var call = 0; call < 3; call++)
        {
            (await gateway.CallAsync("docs__echo", """{"text":"x"}""", request)).Text.ShouldContain("HTTP 500");
        }

        var asked = server.Requests.Count;
        (await gateway.CallAsync("docs__echo", """{"text":"x"}""", request)).Text.ShouldContain("left alone");
        server.Requests.Count.ShouldBe(asked);

        server.Status = null;
        await Conditions.HoldsAsync(async () => !(await gateway.CallAsync("docs__echo", """{"text":"x"}""", request)).IsError);
    }
}
