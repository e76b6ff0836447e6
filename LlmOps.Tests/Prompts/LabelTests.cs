using LlmOps.Tests.Access;

namespace LlmOps.Tests.Prompts;

/// <summary>Labels: which version runs, who moved it, and what counts as a move.</summary>
public sealed class LabelTests : PromptGatewayTests
{
    [Fact]
    public async Task Version_IsTheRequests_ThenItsLabels_ThenProductions_ThenTheHighest()
    {
        WriteGreeter(1, 2, 3);

        (await VersionAsync()).ShouldBe("v3");
        await MoveAsync("v1");
        await MoveAsync("v2", "staging");

        (await VersionAsync()).ShouldBe("v1");
        (await VersionAsync(",\"label\":\"staging\"")).ShouldBe("v2");
        (await VersionAsync(",\"version\":\"v3\"")).ShouldBe("v3");
    }

    [Fact]
    public async Task Move_IsInForceAtOnce_AndRolledBackInOneCall()
    {
        WriteGreeter(1, 2);
        await MoveAsync("v1");

        var moved = await Gateway.AdministerAsync("PUT", "/admin/prompts/greeter/labels/production", """{"version":"v2","comment":"warmer"}""");
        var after = await VersionAsync();
        var back = await Gateway.AdministerAsync("POST", "/admin/prompts/greeter/labels/production/rollback");

        (moved.GetProperty("from").GetString(), moved.GetProperty("to").GetString(), moved.GetProperty("comment").GetString()).ShouldBe(("v1", "v2", "warmer"));
        after.ShouldBe("v2");
        (back.GetProperty("from").GetString(), back.GetProperty("to").GetString()).ShouldBe(("v2", "v1"));
        (await VersionAsync()).ShouldBe("v1");
    }

    [Fact]
    public async Task RollbackOnceMore_GoesFurtherBack_NotForthToWhatTheFirstHasLeft()
    {
        WriteGreeter(1, 2, 3);
        await MoveAsync("v1");
        await MoveAsync("v2");
        await MoveAsync("v3");

        await Gateway.AdministerAsync("POST", "/admin/prompts/greeter/labels/production/rollback");
        var second = await Gateway.AdministerAsync("POST", "/admin/prompts/greeter/labels/production/rollback", """{"comment":"worse still"}""");
        var third = await Gateway.RefusalAsync("POST", "/admin/prompts/greeter/labels/production/rollback");

        (second.GetProperty("from").GetString(), second.GetProperty("to").GetString(), second.GetProperty("source").GetString()).ShouldBe(("v2", "v1", "rollback"));
        third.Message.ShouldContain("named no other version before");
        (await VersionAsync()).ShouldBe("v1");
    }

    [Fact]
    public async Task History_TellsWhoWhenFromToAndWhy_TheLatestFirst()
    {
        WriteGreeter(1, 2);
        Write("greeter/labels.yaml", "production: v1\n");
        var (_, key) = await Gateway.CreateKeyAsync("""{"name":"k","roles":["admin"]}""");
        (await Gateway.SendAsync("PUT", "/admin/prompts/greeter/labels/production", key, """{"version":"v2","comment":"warmer"}""")).EnsureSuccessStatusCode();
        await MoveAsync("v2");

        var moves = (await Gateway.AdministerAsync("GET", "/admin/prompts/greeter/history")).GetProperty("moves").EnumerateArray().ToList();

        moves.Select(move => (move.GetProperty("from").GetString(), move.GetProperty("to").GetString(), move.GetProperty("source").GetString(), move.GetProperty("comment").GetString()))
            .ShouldBe([("v1", "v2", "api", "warmer"), (null, "v1", "file", "labels.yaml")], "a move to where it is is none");
        moves[0].GetProperty("by").GetString().ShouldStartWith("key_");
        moves[0].GetProperty("at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(moves[1].GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task LabelsFile_CountsWhereItSaysSomethingElse()
    {
        WriteGreeter(1, 2, 3);
        Write("greeter/labels.yaml", "production: v1\nstaging: v2\n");
        (await VersionAsync()).ShouldBe("v1");
        await MoveAsync("v3");

        Write("greeter/labels.yaml", "# only a comment is new\nproduction: v1\nstaging: v3\n");
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");
        var untouched = (await VersionAsync(), await VersionAsync(",\"label\":\"staging\""));
        Write("greeter/labels.yaml", "production: v2\nstaging: v3\n");
        await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        untouched.ShouldBe(("v3", "v3"));
        (await VersionAsync()).ShouldBe("v2", "the latest move wins");
    }

    [Fact]
    public async Task LineThatIsGone_TakesItsLabelAway_UnlessSomebodyElseHasMovedIt()
    {
        WriteGreeter(1, 2);
        Write("greeter/labels.yaml", "production: v1\nstaging: v1\nbeta: v1\n");
        (await VersionAsync()).ShouldBe("v1");
        await MoveAsync("v2", "beta");

        Write("greeter/labels.yaml", "production: v1\n");
        var reloaded = await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        reloaded.GetProperty("prompts")[0].GetProperty("labels").GetRawText().ShouldBe("""{"beta":"v2","production":"v1"}""");
    }

    [Fact]
    public async Task ChangeOfAFile_IsSeenWithoutBeingTold()
    {
        WriteGreeter(1);
        (await VersionAsync()).ShouldBe("v1");

        WriteGreeter(2);

        await Conditions.HoldsAsync(async () => await VersionAsync() == "v2");
    }

    [Theory]
    [InlineData("PUT", "labels/production", """{"version":"v9"}""", 400, "version")]
    [InlineData("PUT", "labels/production", """{"version":"9"}""", 400, "version")]
    [InlineData("PUT", "labels/production", "{}", 400, "version")]
    [InlineData("PUT", "labels/production", """{"version":"v1","why":"x"}""", 400, "why")]
    [InlineData("PUT", "labels/production", """{"version":"v1","comment":"a\u0000b"}""", 400, "comment")]
    [InlineData("PUT", "labels/v2", """{"version":"v1"}""", 400, "label")]
    [InlineData("POST", "labels/production/rollback", "{}", 400, "label")]
    [InlineData("GET", "history?limit=0", null, 400, "limit")]
    public async Task BadInput_IsRefusedAndNamed(string method, string path, string? body, int status, string field)
    {
        WriteGreeter(1);

        var (toldStatus, _, toldField, _) = await Gateway.RefusalAsync(method, $"/admin/prompts/greeter/{path}", body);

        (toldStatus, toldField).ShouldBe((status, field));
    }

    [Fact]
    public async Task BadFile_LeavesTheLastGoodVersion_AndIsToldEverywhere()
    {
        WriteGreeter(1);
        (await VersionAsync()).ShouldBe("v1");

        Write("greeter/v1.yaml", "name: greeter\nversion: v1\nsystem: You greet.\nuser: Greet {{name}!\n");
        Write("greeter/v2.yaml", "name: greeter\nversion: v2\nusr: x\n");
        var told = await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        (await VersionAsync()).ShouldBe("v1");
        told.GetProperty("faults").EnumerateArray().Select(fault => (fault.GetProperty("file").GetString(), fault.GetProperty("line").GetInt32()))
            .ShouldBe([("greeter/v1.yaml", 4), ("greeter/v2.yaml", 3)], ignoreOrder: true);
        (await Gateway.Http.GetStringAsync("/health")).ShouldContain("2 faults in prompts");
        Gateway.Logs.All.Count(log => log.Message.Contains("greeter/v2.yaml, line 3", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task TextThatChangesUnderItsNumber_IsFlagged()
    {
        WriteGreeter(1);
        (await VersionAsync()).ShouldBe("v1");

        Write("greeter/v1.yaml", Greeter.Replace("vN", "v1", StringComparison.Ordinal).Replace("greet", "salute", StringComparison.Ordinal).Replace("name: saluteer", "name: greeter", StringComparison.Ordinal));
        var told = await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        told.GetProperty("prompts")[0].GetProperty("versions")[0].GetProperty("changed").GetBoolean().ShouldBeTrue();
        Gateway.Logs.All.ShouldContain(log => log.Message.Contains("is another one than it was first", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LabelWhoseVersionIsGone_KeepsTheOneBefore_AndWithoutOneFails()
    {
        WriteGreeter(1, 2);
        await MoveAsync("v1");
        await MoveAsync("v2", "staging");

        File.Delete(Path.Combine(Folder, "greeter/v1.yaml"));
        var told = await Gateway.AdministerAsync("POST", "/admin/prompts/reload");

        told.GetProperty("faults")[0].GetProperty("reason").GetString()!.ShouldContain("v1 goes on");
        (await VersionAsync()).ShouldBe("v1");
    }
}
