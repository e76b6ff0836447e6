using System.Text.Json;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Accounting.Budgets;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Redis;

namespace LlmOps.Tests.Functions;

/// <summary>Calls that wait for their caller: approved, refused, sent twice, by another, after a restart.</summary>
public sealed class FunctionApprovalTests : FunctionTests
{
    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task ApprovedCall_IsMade_WithTheArgumentsThatTheModelWrote(string provider, bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));

        var asked = await AskAsync(provider, streaming);

        (asked.Status, asked.FinishReason, asked.Calls.Single().Name).ShouldBe((200, "tool_calls", "add"));
        asked.Calls.Single().Id.ShouldMatch("^call_llmops_[0-9a-f]{24}_0$");
        JsonElement.Parse(asked.Calls.Single().Arguments).GetProperty("b").GetInt32().ShouldBe(2);
        (Tools.Calls.Count, Fake.Requests.Count).ShouldBe((0, 1));
        var changed = asked with { Calls = [asked.Calls.Single() with { Arguments = """{"a":1000,"b":1000}""" }] };

        var answered = await AskAsync(provider, streaming, Reply(changed, Yes));

        (answered.Status, answered.Text, answered.FinishReason).ShouldBe((200, "It is 3.", "stop"));
        Tools.Calls.ShouldHaveSingleItem().Arguments.ShouldContain("\"b\":2");
        Fake.Requests[1].BodyText.ShouldContain("sum 3");
        Fake.Requests[1].BodyText.ShouldNotContain("1000");
        Fake.Requests[1].BodyText.ShouldNotContain("call_llmops_");
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndModes))]
    public async Task RefusedCall_IsNotMade_AndTheModelIsToldSo(string provider, bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("As you like."));

        var answered = await AskAsync(provider, streaming, Reply(await AskAsync(provider, streaming), No));

        answered.Text.ShouldBe("As you like.");
        Tools.Calls.ShouldBeEmpty();
        Fake.Requests[1].BodyText.ShouldContain("refused this call");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AllKindsInOneAnswer_FitTogether(bool streaming)
    {
        Tools.WithSum("now").WithSum("risky", needsApproval: true);
        Script(
            FakeAnswer.Calls(Add(1, 2, "call_1", "now"), new FakeToolCall("call_2", "get_weather", """{"city":"Bern"}"""), Add(3, 4, "call_3", "risky")),
            FakeAnswer.Text("Done."));

        var asked = await AskAsync("openai", streaming, fields: $"\"tools\":[{Weather}]");

        asked.Calls.Select(call => call.Name).ShouldBe(["get_weather", "risky"]);
        Tools.Calls.Select(call => call.Tool).ShouldBe(["now"]);

        (await AskAsync("openai", streaming, Reply(asked, "It rains.", Yes), $"\"tools\":[{Weather}]")).Text.ShouldBe("Done.");

        Tools.Calls.Select(call => call.Tool).ShouldBe(["now", "risky"]);
        var messages = Fake.Requests[1].Json.GetProperty("messages").EnumerateArray().Skip(1).ToList();
        messages[0].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("id").GetString()).ShouldBe(["call_1", "call_2", "call_3"]);
        messages.Skip(1).Select(message => $"{message.GetProperty("tool_call_id")}: {message.GetProperty("content")}").ShouldBe(["call_1: sum 3", "call_2: It rains.", "call_3: sum 7"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LaterTurns_HaveTheResult_WithoutAnotherCall(bool streaming)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        var history = Reply(await AskAsync("openai", streaming), Yes);
        await AskAsync("openai", streaming, history);

        var later = await AskAsync("openai", streaming, history + """,{"role":"assistant","content":"It is 3."},{"role":"user","content":"Sure?"}""");

        (later.Text, Tools.Calls.Count).ShouldBe(("It is 3.", 1));
        Fake.Requests[2].Json.GetProperty("messages")[2].GetProperty("content").GetString().ShouldBe("sum 3");

        // What was made cannot be refused any more.
        await AskAsync("openai", streaming, history.Replace("true", "false", StringComparison.Ordinal));
        Fake.Requests[3].Json.GetProperty("messages")[2].GetProperty("content").GetString().ShouldBe("sum 3");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApprovalThatIsSentTwice_MakesOneCall(bool streaming)
    {
        using var gate = new Gate();
        Tools.With("add", async (_, token) =>
        {
            await gate.Opened.WaitAsync(token);
            return new ToolResult("once", false);
        }, needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Done."));
        var approval = Reply(await AskAsync("openai", streaming), Yes);

        var both = Task.WhenAll(AskAsync("openai", streaming, approval), AskAsync("openai", streaming, approval));
        await Conditions.HoldsAsync(async () => Tools.Calls.Count == 1 && JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats")).GetProperty("in_flight").GetInt64() == 2);
        gate.Open();

        (await both).Select(answered => answered.Text).ShouldBe(["Done.", "Done."]);
        Tools.Calls.Count.ShouldBe(1);
        Fake.Requests.Skip(1).ShouldAllBe(request => request.BodyText.Contains("once", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApprovedCallThatBrokeOff_IsNotMadeAgain(bool streaming)
    {
        var begun = new TaskCompletionSource();
        Tools.With("add", async (_, token) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return default;
        }, needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Who knows."));
        var approval = Reply(await AskAsync("openai", streaming), Yes);
        using var leaving = new CancellationTokenSource();
        var left = Gateway.CompleteAsync(Body(Providers.TestedProvider.OpenAI, streaming, $"\"messages\":[{approval}]"), streaming, leaving.Token);
        await begun.Task;
        leaving.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(left);

        (await AskAsync("openai", streaming, approval)).Text.ShouldBe("Who knows.");

        Tools.Calls.Count.ShouldBe(1);
        Fake.Requests[1].BodyText.ShouldContain("broke off");
    }

    [Fact]
    public async Task AnotherPrincipal_DoesNotFindIt()
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        var (mine, others) = ((await Gateway.KeyAsync(null)).Key, (await Gateway.KeyAsync(null)).Key);
        var approval = Reply(await AskAsync("openai", false, key: mine), Yes);

        var refused = await AskAsync("openai", false, approval, key: others);

        (refused.Status, refused.Code, refused.Param, Tools.Calls.Count).ShouldBe((400, "invalid_value", "messages[2].tool_call_id", 0));
        (await AskAsync("openai", false, approval, key: mine)).Text.ShouldBe("It is 3.");
    }

    [Theory]
    [InlineData("call_llmops_0123456789abcdef01234567_0", "call_llmops_0123456789abcdef01234567_0", Yes, "messages[2].tool_call_id")]
    [InlineData("ID", "ID", "yes", "messages[2].content")]
    [InlineData("ID", "ID", """{"approved":"true"}""", "messages[2].content")]
    [InlineData("ID", null, "", "messages[1].tool_calls")]
    public async Task WhatCannotBePutBack_IsRefused_AndNamed(string id, string? resultOf, string content, string param)
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)));
        var asked = await AskAsync("openai", false);
        var known = asked.Calls.Single().Id;
        var result = resultOf is null ? "" : $$""",{"role":"tool","tool_call_id":"{{resultOf.Replace("ID", known, StringComparison.Ordinal)}}","content":{{JsonSerializer.Serialize(content)}}}""";

        var refused = await AskAsync(
            "openai", false, $$$"""{{{Hi}}},{"role":"assistant","content":null,"tool_calls":[{"id":"{{{id.Replace("ID", known, StringComparison.Ordinal)}}}","type":"function","function":{"name":"add","arguments":"{}"}}]}{{{result}}}""");

        (refused.Status, refused.Param).ShouldBe((400, param));
        (Tools.Calls.Count, Fake.Requests.Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task AnswerThatStandsInTheConversationTwice_IsRefused()
    {
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)));
        var approval = Reply(await AskAsync("openai", false), Yes);

        var refused = await AskAsync("openai", false, $"{approval},{approval}");

        (refused.Status, refused.Param, Tools.Calls.Count).ShouldBe((400, "messages[4].tool_calls", 0));
    }

    [Fact]
    public async Task CallsOfOtherOrigin_AreTheCallersOwnAffair()
    {
        Tools.WithSum();
        Script(FakeAnswer.Text("Well."));

        var answered = await AskAsync("openai", false, Hi + """,{"role":"assistant","content":null,"tool_calls":[{"id":"call_llmops_mine","type":"function","function":{"name":"x","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_llmops_mine","content":"y"}""");

        answered.Text.ShouldBe("Well.");
        Fake.Requests[0].BodyText.ShouldContain("call_llmops_mine");
    }

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithRedis_AnotherReplicaGoesOn_AndTheCallIsMadeOnceAmongThem(bool streaming)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var other = new GatewayApplication();
        using var gate = new Gate();
        Tools.With("add", async (_, token) =>
        {
            await gate.Opened.WaitAsync(token);
            return new ToolResult("once", false);
        }, needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Done."));
        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");
        other.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s").WithOpenAI(Fake).WithTools(Tools);
        var asked = await AskAsync("openai", streaming);
        var approval = Reply(asked, Yes);

        var both = Task.WhenAll(AskAsync("openai", streaming, approval, gateway: other), AskAsync("openai", streaming, approval));
        await Conditions.HoldsAsync(() => Task.FromResult(Tools.Calls.Count == 1 && Fake.Requests.Count == 1));
        gate.Open();

        (await both).Select(answered => (answered.Text, answered.Degraded)).ShouldBe([("Done.", null), ("Done.", null)]);
        Tools.Calls.Count.ShouldBe(1);
        long.Parse(await redis.CliAsync("PTTL", $"llmops:tools:1:{asked.Calls[0].Id.Split('_')[2]}"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(3_000_000, 3_600_000);
    }

    [RedisFact]
    public async Task AfterARestart_RedisHasIt()
    {
        await using var redis = await RedisServer.StartAsync();
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        string approval;
        await using (var before = new GatewayApplication().With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s").WithOpenAI(Fake).WithTools(Tools))
        {
            approval = Reply(await AskAsync("openai", false, gateway: before), Yes);
        }

        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");

        (await AskAsync("openai", false, approval)).Text.ShouldBe("It is 3.");
    }

    [RedisFact]
    public async Task AnswerKeptWhileRedisIsAway_IsThisProcesssAlone_WhichMakesTheCallOnce()
    {
        var redis = await RedisServer.StartAsync();
        await redis.DisposeAsync();
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");
        var asked = await AskAsync("openai", false);
        asked.Degraded.ShouldBe("redis");
        var approval = Reply(asked, Yes);

        var answered = await AskAsync("openai", false, approval);

        (answered.Text, answered.Degraded, Tools.Calls.Count).ShouldBe(("It is 3.", "redis", 1));
        (await AskAsync("openai", false, approval)).Text.ShouldBe("It is 3.");
        Tools.Calls.Count.ShouldBe(1);
    }

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhileRedisIsAwayForOneOfTwo_ThatOneMakesNoCall_AndTheOtherOne(bool streaming)
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.CliAsync("ACL", "SETUSER", "one", "on", ">pw", "~*", "&*", "+@all");
        await using var other = new GatewayApplication();
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        Gateway.With("Gateway:Redis:ConnectionString", $"redis://one:pw@{redis.Address}").With("Gateway:Redis:CallTimeout", "2s");
        other.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s").WithOpenAI(Fake).WithTools(Tools);
        var asked = await AskAsync("openai", streaming);
        asked.Degraded.ShouldBeNull();
        var approval = Reply(asked, Yes);
        await redis.CliAsync("ACL", "DELUSER", "one");

        // It has the answer in memory, but not whether the other one has made the call.
        var refused = await AskAsync("openai", streaming, approval);

        (refused.Status, refused.Code, refused.RetryAfter, Tools.Calls.Count, Fake.Requests.Count).ShouldBe((503, "kept_calls_unavailable", "1", 0, 1));
        (await AskAsync("openai", streaming, approval, gateway: other)).Text.ShouldBe("It is 3.");
        (await AskAsync("openai", streaming, approval)).Code.ShouldBe("kept_calls_unavailable");
        Tools.Calls.Count.ShouldBe(1);
        await redis.CliAsync("ACL", "SETUSER", "one", "on", ">pw", "~*", "&*", "+@all");

        await Conditions.HoldsAsync(async () => (await AskAsync("openai", streaming, approval)).Text == "It is 3.");

        Tools.Calls.Count.ShouldBe(1);
    }

    [RedisFact]
    public async Task AnswerThatThisReplicaDoesNotHave_MayBeInRedis_WhileThatIsAway()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var other = new GatewayApplication();
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)));
        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");
        other.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s").WithOpenAI(Fake).WithTools(Tools);
        var approval = Reply(await AskAsync("openai", false), Yes);
        await redis.KillAsync();

        var refused = await AskAsync("openai", false, approval, gateway: other);

        (refused.Status, refused.Code, Tools.Calls.Count).ShouldBe((503, "kept_calls_unavailable", 0));
    }

    [RedisFact]
    public async Task ResultThatIsKnownHere_IsGiven_WhileRedisIsAway()
    {
        await using var redis = await RedisServer.StartAsync();
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."));
        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");
        var approval = Reply(await AskAsync("openai", false), Yes);
        await AskAsync("openai", false, approval);
        await redis.KillAsync();

        var answered = await AskAsync("openai", false, approval);

        (answered.Text, answered.Degraded, Tools.Calls.Count).ShouldBe(("It is 3.", "redis", 1));
        Fake.Requests[2].BodyText.ShouldContain("sum 3");
    }

    [RedisFact]
    public async Task ToolThatIsNotOfferedAnyMore_IsNotCalled()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var without = new GatewayApplication().With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s").WithOpenAI(Fake);
        Tools.WithSum(needsApproval: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Well."));
        Gateway.With("Gateway:Redis:ConnectionString", redis.Address).With("Gateway:Redis:CallTimeout", "2s");
        var approval = Reply(await AskAsync("openai", false), Yes);

        (await AskAsync("openai", false, approval, gateway: without)).Text.ShouldBe("Well.");

        Fake.Requests[1].BodyText.ShouldContain("There is no tool");
        Tools.Calls.ShouldBeEmpty();
    }
}
