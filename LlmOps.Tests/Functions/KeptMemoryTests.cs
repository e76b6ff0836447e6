using System.Text;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.Kept;

namespace LlmOps.Tests.Functions;

/// <summary>What a process keeps for callers: bounded, and for so long since it was used.</summary>
public sealed class KeptMemoryTests
{
    private static readonly FunctionOptions Options = new() { KeptMemoryBytes = 2000 };

    private readonly ManualTime _time = new();

    [Fact]
    public void WhatIsUsed_StaysForAsLongAgain()
    {
        var memory = new KeptMemory(_time);
        memory.Keep("a", Bytes("1"), Options);

        _time.Advance(TimeSpan.FromMinutes(59));
        memory.Find("a", Options.KeptTimeToLive).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromMinutes(59));
        memory.Find("a", Options.KeptTimeToLive).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromMinutes(61));

        memory.Find("a", Options.KeptTimeToLive).ShouldBeNull();
        memory.Count.ShouldBe(0);
    }

    [Fact]
    public void WhatWasUsedTheLongestAgo_MakesWay()
    {
        var memory = new KeptMemory(_time);
        memory.Keep("a", Bytes(new string('a', 500)), Options);
        memory.Keep("b", Bytes(new string('b', 500)), Options);
        memory.Find("a", Options.KeptTimeToLive).ShouldNotBeNull();

        memory.Keep("c", Bytes(new string('c', 500)), Options);

        memory.Find("b", Options.KeptTimeToLive).ShouldBeNull();
        memory.Find("a", Options.KeptTimeToLive).ShouldNotBeNull();
        memory.Find("c", Options.KeptTimeToLive).ShouldNotBeNull();
    }

    [Fact]
    public void WhatIsLargerThanAll_LeavesTheOthersAlone()
    {
        var memory = new KeptMemory(_time);
        memory.Keep("a", Bytes("1"), Options);

        memory.Keep("b", Bytes(new string('b', 2000)), Options);

        memory.Find("b", Options.KeptTimeToLive).ShouldBeNull();
        memory.Find("a", Options.KeptTimeToLive).ShouldNotBeNull();
    }

    [Fact]
    public void WhatIsThere_IsNotReplacedByWhoComesSecond()
    {
        var memory = new KeptMemory(_time);

        memory.FindOrKeep("a", Bytes("first"), Options).ShouldBeNull();

        memory.FindOrKeep("a", Bytes("second"), Options).ShouldBe(Bytes("first"));
    }

    [Theory]
    [InlineData("call_llmops_0123456789abcdef01234567_12", true)]
    [InlineData("call_llmops_0123456789abcdef01234567_", false)]
    [InlineData("call_llmops_0123456789abcdef01234567", false)]
    [InlineData("call_llmops_0123456789ABCDEF01234567_1", false)]
    [InlineData("call_llmops_0123_1", false)]
    [InlineData("call_0123456789abcdef01234567_1", false)]
    [InlineData("", false)]
    public void Ids_AreThoseOfTheGatewaysForm(string text, bool isOne)
    {
        KeptCallId.TryParse(text, out var id).ShouldBe(isOne);
        if (isOne)
        {
            id.ToString().ShouldBe(text);
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
