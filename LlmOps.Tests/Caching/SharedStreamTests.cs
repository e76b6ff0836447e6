using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Caching;

/// <summary>A stream that several read at their own pace, come to and leave.</summary>
public sealed class SharedStreamTests
{
    private readonly Channel<ChatResponseUpdate> _provider = Channel.CreateUnbounded<ChatResponseUpdate>();
    private readonly HeldBytes _held = new();
    private bool _isDisposed;
    private int _fetched;

    [Fact]
    public async Task Everyone_GetsAllOfIt_WhateverTheOthersDo()
    {
        const int Updates = 300;
        for (var seed = 0; seed < 20; seed++)
        {
            var provider = Channel.CreateUnbounded<ChatResponseUpdate>();
            var first = FakeRequests.Bare();
            var stream = new SharedStream(first, token => provider.Reader.ReadAllAsync(token), _held, TimeProvider.System);
            var random = new Random(seed);
            var reading = new List<Task<bool>> { ReadAsync(stream, first, random.Next(Updates * 2)) };
            for (var number = 0; number < Updates; number++)
            {
                await provider.Writer.WriteAsync(Update($"{number}"));
                if (random.Next(10) == 0 && FakeRequests.Bare() is var request && stream.TryJoin(request))
                {
                    reading.Add(ReadAsync(stream, request, random.Next(Updates * 2)));
                }

                if (random.Next(5) == 0)
                {
                    await Task.Yield();
                }
            }

            provider.Writer.Complete();
            (await Task.WhenAll(reading).WithinDeadlineAsync("all readers' end")).ShouldAllBe(isRight => isRight);
        }

        // Reads so many of them and leaves.
        static async Task<bool> ReadAsync(SharedStream stream, GatewayRequest request, int most)
        {
            await Task.Yield();
            using var reader = stream.Read(request);
            var next = 0;
            while (next < most && await reader.MoveNextAsync(default))
            {
                if (reader.Current.Text != $"{next++}")
                {
                    return false;
                }
            }

            reader.Dispose();
            if (stream.Leave(request))
            {
                await stream.AbandonAsync();
            }

            return next == most || next == Updates;
        }
    }

    [Fact]
    public async Task ReaderThatStalls_HoldsUpTheOthersOnlyWhenItIsFarBehind()
    {
        var (stream, first, quick) = Begin();
        var second = FakeRequests.Bare();
        stream.TryJoin(second).ShouldBeTrue();
        var stalled = stream.Read(second);
        var text = new string('x', 100_000);
        for (var number = 0; number < 100; number++)
        {
            _provider.Writer.TryWrite(Update(text));
        }

        // 4 MB of two bytes a character.
        var read = 0;
        Task<bool> waiting;
        while ((waiting = quick.MoveNextAsync(default).AsTask()).IsCompleted)
        {
            (await waiting).ShouldBeTrue();
            read++;
        }

        read.ShouldBeInRange(19, 22);
        _fetched.ShouldBe(read);
        stream.TryJoin(FakeRequests.Bare()).ShouldBeFalse();
        for (var number = 0; number < read; number++)
        {
            (await stalled.MoveNextAsync(default)).ShouldBeTrue();
        }

        (await waiting.WithinDeadlineAsync("the quick one to go on")).ShouldBeTrue();

        // And where it leaves.
        while ((waiting = quick.MoveNextAsync(default).AsTask()).IsCompleted)
        {
            await waiting;
        }

        stalled.Dispose();
        stream.Leave(second).ShouldBeFalse();
        (await waiting.WithinDeadlineAsync("the quick one to go on")).ShouldBeTrue();
        quick.Dispose();
        stream.Leave(first).ShouldBeTrue();
        await stream.AbandonAsync();
        _isDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task WhatAllHaveRead_IsGarbage_OnceNobodyMayJoin()
    {
        var (stream, _, reader) = Begin();
        var early = new WeakReference(Feed(50));
        (await reader.MoveNextAsync(default)).ShouldBeTrue();
        while (JoinAndLeave(stream))
        {
            Feed(100_000);
            (await reader.MoveNextAsync(default)).ShouldBeTrue();
        }

        await Conditions.HoldsAsync(() =>
        {
            GC.Collect();
            return Task.FromResult(!early.IsAlive);
        });
        GC.KeepAlive(reader);

        [MethodImpl(MethodImplOptions.NoInlining)]
        ChatResponseUpdate Feed(int length)
        {
            var update = Update(new string('x', length));
            _provider.Writer.TryWrite(update);
            return update;
        }
    }

    [Fact]
    public void StreamsTogether_HoldNoMoreThanTheirShare()
    {
        // Others hold nearly all there is.
        _held.Add(64 * 1024 * 1024 - 1000);
        var (stream, _, reader) = Begin();
        JoinAndLeave(stream).ShouldBeTrue();

        _provider.Writer.TryWrite(Update(new string('x', 1000)));
        reader.MoveNextAsync(default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();

        stream.TryJoin(FakeRequests.Bare()).ShouldBeFalse();
        _held.Add(999).ShouldBeFalse();
    }

    [Fact]
    public async Task WhoeverIsFarAhead_GoesOn_WhenTheOtherOneHasLeft_InWhateverOrder()
    {
        var (stream, _, quick) = Begin();
        var second = FakeRequests.Bare();
        stream.TryJoin(second);
        var stalled = stream.Read(second);
        for (var number = 0; number < 50; number++)
        {
            _provider.Writer.TryWrite(Update(new string('x', 100_000)));
        }

        Task<bool> waiting;
        while ((waiting = quick.MoveNextAsync(default).AsTask()).IsCompleted)
        {
            await waiting;
        }

        // It no longer reads, and has yet to say that it does not wait either.
        stalled.Dispose();

        (await waiting.WithinDeadlineAsync("the quick one to go on")).ShouldBeTrue();
        stream.Leave(second);
    }

    [Fact]
    public async Task FirstOneThatWaitsForRoom_WaitsNoLongerThanItsTime()
    {
        var time = new ManualTime();
        var first = FakeRequests.Bare(time: time);
        var stream = new SharedStream(first, FromProvider, _held, time);
        var quick = stream.Read(first);
        var second = FakeRequests.Bare(time: time);
        stream.TryJoin(second);
        stream.Read(second);
        for (var number = 0; number < 50; number++)
        {
            _provider.Writer.TryWrite(Update(new string('x', 100_000)));
        }

        Task<bool> waiting;
        while ((waiting = quick.MoveNextAsync(default).AsTask()).IsCompleted)
        {
            await waiting;
        }

        time.Advance(first.Timeout);

        (await Should.ThrowAsync<GatewayException>(() => waiting.WithinDeadlineAsync("the end of its time"))).Error.ShouldBe(ErrorCode.DeadlineExceeded);
    }

    [Fact]
    public async Task WhoJoinsJustBeforeTheEnd_ReadsItAll_ThoughTheFirstOneHasLeft()
    {
        var (stream, first, leading) = Begin();
        _provider.Writer.TryWrite(Update("a"));
        (await leading.MoveNextAsync(default)).ShouldBeTrue();
        var second = FakeRequests.Bare();
        stream.TryJoin(second);
        stream.Leave(first).ShouldBeFalse();
        var fetching = leading.MoveNextAsync(default).AsTask();
        _provider.Writer.Complete();
        await fetching.WithinDeadlineAsync("the end of the stream");

        var reader = stream.Read(second);

        (await reader.MoveNextAsync(default)).ShouldBeTrue();
        reader.Current.Text.ShouldBe("a");
        (await reader.MoveNextAsync(default)).ShouldBeFalse();
        _held.Add(64 * 1024 * 1024).ShouldBeFalse();
    }

    [Fact]
    public async Task LeavingWhileNobodyReads_EndsTheCall()
    {
        var (stream, first, reader) = Begin();
        _provider.Writer.TryWrite(Update("a"));
        (await reader.MoveNextAsync(default)).ShouldBeTrue();

        reader.Dispose();
        stream.Leave(first).ShouldBeTrue();
        await stream.AbandonAsync();

        _isDisposed.ShouldBeTrue();
        await stream.EndedAsync().WithinDeadlineAsync("the end of the call");
        stream.TryJoin(FakeRequests.Bare()).ShouldBeFalse();
    }

    [Fact]
    public async Task LeavingWhileItIsFetched_EndsTheCall()
    {
        var (stream, first, reader) = Begin();
        var fetching = reader.MoveNextAsync(default).AsTask();

        stream.Leave(first).ShouldBeTrue();
        await stream.AbandonAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => fetching.WithinDeadlineAsync("the end of the reading"));
        await stream.EndedAsync().WithinDeadlineAsync("the end of the call");
        _isDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task WhoeverLeaves_DoesNotWaitForWhatItFetchesForOthers()
    {
        var (stream, first, leading) = Begin();
        _provider.Writer.TryWrite(Update("a"));
        (await leading.MoveNextAsync(default)).ShouldBeTrue();
        var second = FakeRequests.Bare();
        stream.TryJoin(second).ShouldBeTrue();
        var following = stream.Read(second);
        (await following.MoveNextAsync(default)).ShouldBeTrue();
        using var leaves = new CancellationTokenSource();
        var fetching = following.MoveNextAsync(leaves.Token).AsTask();

        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => fetching.WithinDeadlineAsync("the end of the waiting"));
        following.Dispose();
        stream.Leave(second).ShouldBeFalse();
        var next = leading.MoveNextAsync(default).AsTask();
        _provider.Writer.TryWrite(Update("b"));

        (await next.WithinDeadlineAsync("the next update")).ShouldBeTrue();
        leading.Current.Text.ShouldBe("b");
        stream.Leave(first).ShouldBeTrue();
    }

    [Fact]
    public async Task Failure_IsEverybodys_AfterWhatCameBefore()
    {
        var (stream, _, leading) = Begin();
        var second = FakeRequests.Bare();
        stream.TryJoin(second);
        var following = stream.Read(second);
        _provider.Writer.TryWrite(Update("a"));
        _provider.Writer.Complete(new InvalidOperationException("broken"));

        foreach (var reader in new[] { leading, following })
        {
            (await reader.MoveNextAsync(default)).ShouldBeTrue();
            (await Should.ThrowAsync<InvalidOperationException>(() => reader.MoveNextAsync(default).AsTask())).Message.ShouldBe("broken");
        }
    }

    private static bool JoinAndLeave(SharedStream stream)
    {
        var request = FakeRequests.Bare();
        if (!stream.TryJoin(request))
        {
            return false;
        }

        stream.Read(request).Dispose();
        stream.Leave(request);
        return true;
    }

    private static ChatResponseUpdate Update(string text) => new(ChatRole.Assistant, text);

    private (SharedStream Stream, GatewayRequest First, SharedStream.Reader Reader) Begin()
    {
        var first = FakeRequests.Bare();
        var stream = new SharedStream(first, FromProvider, _held, TimeProvider.System);
        return (stream, first, stream.Read(first));
    }

    private async IAsyncEnumerable<ChatResponseUpdate> FromProvider([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var update in _provider.Reader.ReadAllAsync(cancellationToken))
            {
                _fetched++;
                yield return update;
            }
        }
        finally
        {
            _isDisposed = true;
        }
    }
}
