using System.Buffers;
using System.Text;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

public sealed class RespParserTests
{
    private const string Everything =
        "*21\r\n+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nb\r\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n_\r\n#t\r\n#f\r\n,1.5\r\n,-inf\r\n(123456789012345678901234567890\r\n"
        + "!7\r\nERR two\r\n=7\r\ntxt:abc\r\n%1\r\n+a\r\n:1\r\n~2\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:9\r\n+after\r\n|0\r\n>1\r\n+push\r\n,3\r\n";

    private const string EverythingShown =
        "Array[SimpleString(OK), error(ERR no), -42, BulkString(a\r\nb\r), BulkString(), null, null, Array[], null, true, false, 1.5d, -Infinityd, "
        + "BigNumber(123456789012345678901234567890), error(ERR two), VerbatimString(abc), Map[SimpleString(a), 1], Set[1, 2], SimpleString(after), Push[SimpleString(push)], 3d]";

    [Fact]
    public void EveryType_IsReadWhereverItIsCut()
    {
        var bytes = Encoding.UTF8.GetBytes(Everything + ":7\r\n");

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Read(new RespParser(), bytes[..cut], bytes[cut..]).ShouldBe([EverythingShown, "7"], $"cut at {cut}");
        }

        Read(new RespParser(), [.. bytes.Select(value => new[] { value })]).ShouldBe([EverythingShown, "7"]);
    }

    [Fact]
    public void SegmentsOfOneBuffer_AreReadAsOne()
    {
        var bytes = Encoding.UTF8.GetBytes(Everything);

        for (var size = 1; size < 40; size++)
        {
            var buffer = Segment.Chain(bytes.Chunk(size));
            new RespParser().TryRead(ref buffer, out var reply).ShouldBeTrue();
            reply.Show().ShouldBe(EverythingShown, $"segments of {size}");
            buffer.Length.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("\r\n")]
    [InlineData(":1a\r\n")]
    [InlineData(":\r\n")]
    [InlineData(",x\r\n")]
    [InlineData("#x\r\n")]
    [InlineData("_x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("$?\r\n")]
    [InlineData("$3\r\nabcd\r\n")]
    [InlineData("=2\r\nab\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("|-1\r\n")]
    [InlineData("$67108865\r\n")]
    [InlineData("$9223372036854775807\r\n")]
    [InlineData("*9223372036854775807\r\n")]
    [InlineData("%1048576\r\n")]
    public void WhatIsNoAnswer_IsRefused(string text) =>
        Should.Throw<RespException>(() => Read(new RespParser(), Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Depth_IsLimited()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", depth)) + ":1\r\n");

        Read(new RespParser(), Nested(RespParser.MaxDepth)).Count.ShouldBe(1);
        Should.Throw<RespException>(() => Read(new RespParser(), Nested(RespParser.MaxDepth + 1)));
    }

    [Fact]
    public void LineWithoutEnd_IsRefused()
    {
        var line = new byte[RespParser.MaxLine + 3];
        line.AsSpan().Fill((byte)'+');

        Should.Throw<RespException>(() => Read(new RespParser(), line));
        Should.Throw<RespException>(() => Read(new RespParser(), [.. line, .. "\r\n"u8]));
    }

    [Fact]
    public void AllOfAnAnswer_CountsToItsLimits()
    {
        Read(new RespParser(maxBytes: 6), "*2\r\n$3\r\nabc\r\n+def\r\n"u8.ToArray(), "$6\r\nabcdef\r\n"u8.ToArray()).Count.ShouldBe(2);
        Should.Throw<RespException>(() => Read(new RespParser(maxBytes: 5), "*2\r\n$3\r\nabc\r\n$3\r\n"u8.ToArray()));
        Should.Throw<RespException>(() => Read(new RespParser(maxBytes: 5), "*2\r\n+abc\r\n+def\r\n"u8.ToArray()));
        Read(new RespParser(maxItems: 4), "*2\r\n*1\r\n:1\r\n*1\r\n:1\r\n"u8.ToArray(), "*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n"u8.ToArray()).Count.ShouldBe(2);
        Should.Throw<RespException>(() => Read(new RespParser(maxItems: 3), "*2\r\n*1\r\n:1\r\n*1\r\n:1\r\n"u8.ToArray()));
    }

    [Fact]
    public void AnnouncedItems_TakeNoMemoryBeforeTheyCome()
    {
        var parser = new RespParser();
        var bytes = Encoding.UTF8.GetBytes("*1000000\r\n:1\r\n");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Read(parser, bytes).ShouldBeEmpty();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    [Fact]
    public void RandomBytes_AreAnswersOrRefusedAndNothingElse()
    {
        var random = new Random(1);
        var seed = Encoding.UTF8.GetBytes(Everything);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seed.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read(new RespParser(maxBytes: 100_000), bytes);
            }
            catch (RespException)
            {
                // Refused.
            }
        }
    }

    // As a pipe hands bytes over: what was not used up comes again, with more behind it.
    private static List<string> Read(RespParser parser, params byte[][] pieces)
    {
        var replies = new List<string>();
        var left = Array.Empty<byte>();
        foreach (var piece in pieces)
        {
            var buffer = new ReadOnlySequence<byte>([.. left, .. piece]);
            while (parser.TryRead(ref buffer, out var reply))
            {
                replies.Add(reply.Show());
            }

            left = buffer.ToArray();
        }

        return replies;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Chain(IEnumerable<byte[]> pieces)
        {
            Segment? first = null, last = null;
            foreach (var piece in pieces)
            {
                var next = new Segment { Memory = piece, RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length };
                first ??= next;
                last?.Next = next;
                last = next;
            }

            return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
        }
    }
}
