using System.Text.Json;
using LlmOps.Gateway.Functions;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Functions;

/// <summary>Which answers with tools are given again, and whose calls are shared.</summary>
public sealed class FunctionCacheTests : FunctionTests
{
    private const string Cached = "\"temperature\":0";

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task AnswerIsGivenAgain_WhereAllToolsThatTookPartAreCacheable(bool streaming, bool isCacheable)
    {
        Tools.WithSum(isCacheable: isCacheable).WithSum("unused");
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is ", "3."), FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is ", "3."));

        var first = await AskAsync("openai", streaming, fields: Cached);
        var again = await AskAsync("openai", !streaming, fields: Cached);

        (first.Text, first.Cache, again.Text, again.Usage).ShouldBe(("It is 3.", "miss", "It is 3.", "38+20=58"));
        (again.Cache, Fake.Requests.Count, Tools.Calls.Count).ShouldBe(isCacheable ? ("hit-memory", 2, 1) : ("miss", 4, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerWithoutACall_IsGivenAgain_WhateverTheTools(bool streaming)
    {
        Tools.WithSum();
        Script(FakeAnswer.Text("Well."));

        await AskAsync("openai", streaming, fields: Cached);

        (await AskAsync("openai", streaming, fields: Cached)).Cache.ShouldBe("hit-memory");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerAfterAFailedTool_IsNotKept(bool streaming)
    {
        Tools.With("add", (_, _) => Task.FromResult(new ToolResult("down", IsError: true)), isCacheable: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("Sorry."), FakeAnswer.Text("It is 3."));

        await AskAsync("openai", streaming, fields: Cached);

        (await AskAsync("openai", streaming, fields: Cached)).Text.ShouldBe("It is 3.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswersThatWaitForTheirCaller_AndThoseAfter_AreNotKept(bool streaming)
    {
        Tools.WithSum(needsApproval: true, isCacheable: true);
        Script(FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Calls(Add(1, 2)), FakeAnswer.Text("It is 3."), FakeAnswer.Text("It was 3."));

        var first = await AskAsync("openai", streaming, fields: Cached);
        var second = await AskAsync("openai", streaming, fields: Cached);
        second.Calls[0].Id.ShouldNotBe(first.Calls[0].Id);

        var approval = Reply(second, """{"approved":true}""");
        var answered = await AskAsync("openai", streaming, approval, Cached);
        var again = await AskAsync("openai", streaming, approval, Cached);

        (answered.Text, answered.Cache, again.Text, again.Cache).ShouldBe(("It is 3.", "bypass", "It was 3.", "bypass"));
    }

    [Theory]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    public async Task IdenticalRequestsShareACall_OnlyWhereNothingOfItCanBeOnesAlone(bool streaming, bool areCacheable, bool withOwn)
    {
        using var gate = new Gate();
        var isShared = areCacheable && !withOwn;
        var fields = withOwn ? $"{Cached},\"tools\":[{Weather}]" : Cached;
        Tools.WithSum(isCacheable: true).WithSum("other", isCacheable: areCacheable);
        var handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Well."), GatewayApplication.ProviderKey);
        Fake.Handler = request => handler(request).AfterWaitingFor(gate.Opened);

        var both = Task.WhenAll(AskAsync("openai", streaming, fields: fields), AskAsync("openai", streaming, fields: fields));
        await Conditions.HoldsAsync(async () => isShared
            ? JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats")).GetProperty("in_flight").GetInt64() == 2 && Fake.Requests.Count == 1
            : Fake.Requests.Count == 2);
        gate.Open();

        (await both).Select(answered => answered.Text).ShouldBe(["Well.", "Well."]);
        Fake.Requests.Count.ShouldBe(isShared ? 1 : 2);
        var counts = JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats")).GetProperty("cache");
        (counts.GetProperty("hits").GetInt64(), counts.GetProperty("misses").GetInt64()).ShouldBe(isShared ? (1, 1) : (0, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OtherTools_AreAnotherKey(bool streaming)
    {
        Tools.WithSum(isCacheable: true);
        Script(FakeAnswer.Text("Well."));
        await AskAsync("openai", streaming, fields: Cached);

        Tools.WithSum("another", isCacheable: true);

        (await AskAsync("openai", streaming, fields: Cached)).Cache.ShouldBe("miss");
    }
}
