using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Caching;

/// <summary>A whole answer that several wait for, who may look at any moment, whoever has left.</summary>
public sealed class SharedResponseTests
{
    private readonly ChatResponse _answer = new(new ChatMessage(ChatRole.Assistant, "an answer"));

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task WhoHasJoined_GetsIt_WheneverItLooks(bool firstLeaves, bool looksBefore)
    {
        var (first, second) = (FakeRequests.Bare(), FakeRequests.Bare());
        var call = new SharedResponse(first);
        call.TryJoin(second).ShouldBeTrue();
        var early = looksBefore ? call.Response : null;
        if (firstLeaves)
        {
            call.Leave(first).ShouldBeFalse();
        }

        call.Succeed(_answer);

        // The first one is told that its caller has left, which is nobody else's affair.
        call.Fail(new OperationCanceledException());
        (await (early ?? call.Response).WithinDeadlineAsync("the answer")).ShouldBeSameAs(_answer);
        call.TryJoin(FakeRequests.Bare()).ShouldBeFalse();
    }

    [Fact]
    public void WhenTheLastHasLeft_TheCallIsToEnd()
    {
        var (first, second) = (FakeRequests.Bare(), FakeRequests.Bare());
        var call = new SharedResponse(first);
        call.TryJoin(second);

        call.Leave(first).ShouldBeFalse();
        call.Leave(first).ShouldBeFalse();
        call.Token.IsCancellationRequested.ShouldBeFalse();
        call.Leave(second).ShouldBeTrue();

        call.Token.IsCancellationRequested.ShouldBeTrue();
        call.TryJoin(FakeRequests.Bare()).ShouldBeFalse();
    }

    [Fact]
    public void WhoHasMoreTime_DoesNotJoin()
    {
        var patient = FakeRequests.Bare();
        patient.Timeout *= 2;

        new SharedResponse(FakeRequests.Bare()).TryJoin(patient).ShouldBeFalse();
        new SharedResponse(patient).TryJoin(FakeRequests.Bare()).ShouldBeTrue();
    }
}
