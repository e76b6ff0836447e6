using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Pipeline;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Idempotency;

public sealed class CapturingWriterTests
{
    private readonly MemoryStream _sent = new();
    private readonly GatewayRequest _request = FakeRequests.Bare();

    [Fact]
    public async Task WhatIsFlushed_GoesOn_AndIsKept()
    {
        var writer = Writer(most: 100);

        await WriteAsync(writer, "All ");
        await WriteAsync(writer, "is ");

        (Sent, Kept(writer), writer.UnflushedBytes).ShouldBe(("All is ", "All is ", 0));
    }

    [Fact]
    public async Task OnceTheRequestIsClosed_TheRestIsHeldBack_UntilItIsSent()
    {
        var writer = Writer(most: 100);
        await WriteAsync(writer, "All is ");
        _request.IsClosed = true;

        await WriteAsync(writer, "well");

        (Sent, Kept(writer)).ShouldBe(("All is ", "All is well"));
        await writer.SendAsync(default);
        Sent.ShouldBe("All is well");
    }

    [Fact]
    public async Task LargerThanIsKept_GoesOnAllTheSame()
    {
        var writer = Writer(most: 8);

        await WriteAsync(writer, "All is ");
        await WriteAsync(writer, "well, ");
        _request.IsClosed = true;
        await WriteAsync(writer, "very well");
        await writer.SendAsync(default);

        Sent.ShouldBe("All is well, very well");
        writer.Body.ShouldBeNull();
    }

    private string Sent => Encoding.UTF8.GetString(_sent.ToArray());

    private static string Kept(CapturingWriter writer) => Encoding.UTF8.GetString(writer.Body!.Value.Span);

    private CapturingWriter Writer(int most) => new(PipeWriter.Create(_sent), _request, most);

    private static async Task WriteAsync(CapturingWriter writer, string text)
    {
        writer.Write(Encoding.UTF8.GetBytes(text));
        await writer.FlushAsync();
    }
}
