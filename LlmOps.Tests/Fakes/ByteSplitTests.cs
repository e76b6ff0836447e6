using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>The cuts themselves, and that they change nothing about what arrives.</summary>
public sealed class ByteSplitTests
{
    [Fact]
    public void Cuts_KeepEveryByteAndLeaveNoPieceEmpty()
    {
        byte[] bytes = "abcd"u8.ToArray();

        ByteSplit.AtEachBoundary(bytes).Select(Shown).ShouldBe(["a|bcd", "ab|cd", "abc|d"]);
        Shown(ByteSplit.EveryByte(bytes)).ShouldBe("a|b|c|d");
        Shown(ByteSplit.At(bytes, 1, 3)).ShouldBe("a|bc|d");
        Should.Throw<ArgumentOutOfRangeException>(() => ByteSplit.At(bytes, 4));
    }

    [Fact]
    public async Task RawStream_IsTheSameHoweverItIsCut()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("data: ü\n\n");
        byte[][][] cuts = [.. ByteSplit.AtEachBoundary(bytes), ByteSplit.EveryByte(bytes)];
        await using FakeServer server = new();
        using HttpClient client = new() { BaseAddress = server.BaseAddress };

        foreach (byte[][] cut in cuts)
        {
            server.Enqueue(FakeReply.SseRaw(cut));
            (await client.GetByteArrayAsync("/")).ShouldBe(bytes);
        }
    }

    private static string Shown(byte[][] pieces) => string.Join('|', pieces.Select(Encoding.UTF8.GetString));
}
