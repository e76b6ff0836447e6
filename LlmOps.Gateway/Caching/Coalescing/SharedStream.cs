using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>
/// A shared call for a stream: whoever joins gets what has come so far, and then what comes. Whoever needs the next update
/// fetches it for all, so that a stream which nobody shares is read as it would be alone. Thread-safe.
/// </summary>
/// <param name="first">The request that came first.</param>
/// <param name="stream">The provider's stream, which begins with the first one's first reading.</param>
/// <param name="held">What all streams hold for those who may still come.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedStream(GatewayRequest first, Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> stream, HeldBytes held, TimeProvider time) : SharedCall(first)
{
    // Held for those who may come; and how far one reader may be before another, who sets the pace then.
    private const long MostBytes = 4 * 1024 * 1024;

    private readonly List<Reader> _readers = [];
    private int _begun;
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;

    // The place before the first update; null once nobody may join. Each reader holds on to what it has yet to read.
    private Node? _start = new(null, 0);
    private Node? _last;
    private TaskCompletionSource? _changed;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _ended;
    private bool _isFetching;
    private bool _isOver;
    private Exception? _failure;

    /// <summary>Begins to read, from the first update on; once for each who has joined, and for the first one.</summary>
    public Reader Read(GatewayRequest request)
    {
        lock (Sync)
        {
            _last ??= _start;
            var reader = new Reader(this, _start!, request == First);
            _readers.Add(reader);
            _begun++;
            LetGo();
            return reader;
        }
    }

    /// <summary>Ends the call, when nobody waits any more; if it is just being fetched from, that ends it.</summary>
    public ValueTask AbandonAsync() => TryBeginToEnd() ? EndAsync(new OperationCanceledException(Token)) : default;

    /// <summary>Waits until the call is over.</summary>
    public Task EndedAsync()
    {
        lock (Sync)
        {
            return _isOver ? Task.CompletedTask : (_ended ??= New()).Task;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static int SizeOf(ChatResponseUpdate update)
    {
        const int Overhead = 500;
        var size = Overhead + ((update.RawRepresentation as WirePayload)?.Json.Length ?? 0);
        foreach (var content in update.Contents)
        {
            size += content switch
            {
                TextContent text => 2 * text.Text.Length,
                DataContent data => data.Data.Length,
                _ => 0,
            };
        }

        return size;
    }

    // Never throws: what comes of it is for all.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FetchAsync()
    {
        Exception? failure = null;
        try
        {
            _updates ??= stream(Token).GetAsyncEnumerator(Token);
            if (await _updates.MoveNextAsync())
            {
                Add(_updates.Current);
                if (!Token.IsCancellationRequested || !TryBeginToEnd())
                {
                    return;
                }

                failure = new OperationCanceledException(Token);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        await EndAsync(failure);
    }

    private bool TryBeginToEnd()
    {
        lock (Sync)
        {
            return !_isOver && !_isFetching && (_isFetching = true);
        }
    }

    private void Add(ChatResponseUpdate update)
    {
        var size = SizeOf(update);
        TaskCompletionSource? changed;
        lock (Sync)
        {
            _last = _last!.Next = new Node(update, _last.End + size);
            _isFetching = false;
            if (_start is not null && (held.Add(size) || _last.End > MostBytes))
            {
                Close();
                LetGo();
            }

            (changed, _changed) = (_changed, null);
        }

        changed?.TrySetResult();
    }

    private async ValueTask EndAsync(Exception? failure)
    {
        try
        {
            if (_updates is not null)
            {
                await _updates.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            failure ??= exception;
        }

        TaskCompletionSource? changed;
        lock (Sync)
        {
            (_isOver, _isFetching, _failure) = (true, false, failure);
            Close();
            LetGo();
            (changed, _changed) = (_changed, null);
        }

        changed?.TrySetResult();
        _ended?.TrySetResult();
    }

    // Where nobody may join, and all who have joined have begun to read, what all have read is garbage.
    private void LetGo()
    {
        if (IsClosed && _start is not null && _begun == Joined)
        {
            held.Add(-(_last ?? _start).End);
            _start = null;
        }
    }

    private bool IsTooFarAhead(Node place)
    {
        if (place.End <= MostBytes)
        {
            return false;
        }

        var last = _begun < Joined ? 0 : place.End;
        foreach (var reader in _readers)
        {
            last = Math.Min(last, reader.Place.End);
        }

        return place.End - last > MostBytes;
    }

    // While it does not fetch itself, the limits of the call do not hold for it.
    private async ValueTask FirstWaitsAsync(Task waiting, CancellationToken cancellationToken)
    {
        using var limit = new CallerLimit(First, time, cancellationToken);
        try
        {
            await waiting.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            ExceptionDispatchInfo.Throw(limit.Told(exception));
        }
    }

    private void MadeRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }

    /// <summary>One request's way through the stream.</summary>
    internal sealed class Reader(SharedStream shared, Node start, bool isFirst) : IDisposable
    {
        /// <summary>Where it is.</summary>
        public Node Place { get; private set; } = start;

        /// <summary>The update that the last call of <see cref="MoveNextAsync"/> has brought. Nobody may change it.</summary>
        public ChatResponseUpdate Current => Place.Update!;

        /// <summary>Goes to the next update; false at the end of a complete answer.</summary>
        /// <param name="cancellationToken">Ends the waiting, and nothing else. The first one stays until what it fetches is there.</param>
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                if (!isFirst)
                {
                    // However much there is to read.
                    cancellationToken.ThrowIfCancellationRequested();
                }

                Task? waiting;
                lock (shared.Sync)
                {
                    if (Place.Next is { } next)
                    {
                        Place = next;
                        shared.MadeRoom();
                        return true;
                    }

                    if (shared._isOver)
                    {
                        break;
                    }

                    waiting = WaitingFor();
                    shared._isFetching |= waiting is null;
                }

                if (isFirst)
                {
                    await (waiting is null ? shared.FetchAsync() : shared.FirstWaitsAsync(waiting, cancellationToken));
                    cancellationToken.ThrowIfCancellationRequested();
                }
                else
                {
                    await (waiting ?? shared.FetchAsync().AsTask()).WaitAsync(cancellationToken);
                }
            }

            if (shared._failure is not null)
            {
                ExceptionDispatchInfo.Throw(shared._failure);
            }

            return false;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (shared.Sync)
            {
                shared._readers.Remove(this);
                shared.MadeRoom();
            }
        }

        // Null where it is this one's turn to fetch. The first one makes the call: its spans are that request's.
        private Task? WaitingFor() =>
            shared._isFetching || (shared._updates is null && !isFirst) ? (shared._changed ??= New()).Task
            : shared.IsTooFarAhead(Place) ? (shared._room ??= New()).Task
            : null;
    }

    /// <summary>An update, and those after it.</summary>
    /// <param name="update">The update; null for the place before the first.</param>
    /// <param name="end">The size of all updates up to this one.</param>
    internal sealed class Node(ChatResponseUpdate? update, long end)
    {
        public ChatResponseUpdate? Update => update;

        public long End => end;

        public Node? Next { get; set; }
    }
}
