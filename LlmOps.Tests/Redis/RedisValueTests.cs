using System.Buffers;
using System.Text;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>What goes out and what comes back, as values.</summary>
public sealed class RedisValueTests
{
    [Fact]
    public void Command_IsWrittenByteForByte()
    {
        var output = new ArrayBufferWriter<byte>();
        var command = new RedisCommand("SET", RedisArgument.Key("ключ"), new byte[] { 0, 13, 10, 255 }, "PX", 1500, -1L, 0.1, ReadOnlyMemory<byte>.Empty);

        command.WriteTo(output);

        byte[] expected =
        [
            .. "*8\r\n$3\r\nSET\r\n$8\r\nключ\r\n$4\r\n"u8, 0, 13, 10, 255, .. "\r\n$2\r\nPX\r\n$4\r\n1500\r\n$2\r\n-1\r\n$3\r\n0.1\r\n$0\r\n\r\n"u8,
        ];
        output.WrittenSpan.ToArray().ShouldBe(expected);
        command.Length.ShouldBeGreaterThanOrEqualTo(expected.Length);
        Encoding.UTF8.GetString(command.Key!.Value.ToBytes().Span).ShouldBe("ключ");
    }

    [Fact]
    public void LargeText_IsWrittenWhole()
    {
        var output = new ArrayBufferWriter<byte>();
        var text = string.Concat(Enumerable.Repeat("aß水🜁", 100_000));

        new RedisCommand("ECHO", text).WriteTo(output);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe($"*2\r\n$4\r\nECHO\r\n${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n");
    }

    [Theory]
    [InlineData(":5\r\n", 5)]
    [InlineData("$2\r\n-7\r\n", -7)]
    [InlineData("#t\r\n", 1)]
    public void Integer_IsReadFromWhateverItCameAs(string reply, long expected)
    {
        Parse(reply).Integer.ShouldBe(expected);
        Parse(reply).Number.ShouldBe(expected);
    }

    [Fact]
    public void AnotherType_IsAFailureOfTheServer()
    {
        foreach (Action use in new Action[] { () => _ = Parse(":1\r\n").Text, () => _ = Parse("+x\r\n").Integer, () => _ = Parse("*0\r\n").Number, () => _ = Parse("_\r\n").Bytes, () => _ = Parse("+x\r\n").Items.Length })
        {
            Should.Throw<RedisException>(use).Reason.ShouldBe(RedisFailure.Server);
        }
    }

    [Fact]
    public void ServersError_TellsItsCodeOnly()
    {
        var exception = RedisException.Server(Parse("-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `secret`\r\n"));

        exception.ToString().ShouldNotContain("secret");
        exception.Code.ShouldBe("ERR");
        exception.ServerText!.ShouldContain("secret");
        RedisException.Server(Parse("-WRONGTYPE x\r\n")).Message.ShouldContain("WRONGTYPE");
        RedisException.Server(Parse("-my own words\r\n")).Code.ShouldBe("ERR");
        RedisException.Server(Parse("-LOADING x\r\n")).Reason.ShouldBe(RedisFailure.Unavailable);
    }

    [Theory]
    [InlineData("123456789", 12739)]
    [InlineData("foo", 12182)]
    [InlineData("", 0)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("user1000", 3443)]
    [InlineData("foo{}{bar}", 8363)]
    [InlineData("foo{{bar}}zap", 4015)]
    [InlineData("foo{bar}{zap}", 5061)]
    [InlineData("bar", 5061)]
    public void Slot_IsThatOfRedis(string key, int slot) => RedisSlots.Of(Encoding.UTF8.GetBytes(key)).ShouldBe(slot);

    private static RedisReply Parse(string text)
    {
        var buffer = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text));
        new RespParser().TryRead(ref buffer, out var reply).ShouldBeTrue();
        return reply;
    }
}
