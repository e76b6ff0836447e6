using System.Collections.Concurrent;
using System.Diagnostics;

namespace LlmOps.Benchmarks.Servers;

/// <summary>How a call of an upstream ended.</summary>
internal enum CallEnd
{
    /// <summary>It has not.</summary>
    Open,

    /// <summary>It was answered to its end.</summary>
    Answered,

    /// <summary>The upstream failed it.</summary>
    Failed,

    /// <summary>The other side closed the connection before.</summary>
    Closed,
}

/// <summary>What the calls of an upstream meet, and what became of them. Thread-safe.</summary>
internal sealed class UpstreamCalls
{
    private readonly ConcurrentQueue<UpstreamCall> _ofLeavers = [];
    private volatile Fault? _fault;
    private volatile bool _isGone;
    private long _received;
    private long _ended;

    /// <summary>How they fail; null while all is well.</summary>
    public Fault? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>Whether the upstream itself closes its connections: nobody else does, then.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    /// <summary>So many have come, and so many of them have not ended.</summary>
    public CallCounts Counts
    {
        get
        {
            // Ended first: one that comes meanwhile must not make it negative.
            var ended = Interlocked.Read(ref _ended);
            var received = Interlocked.Read(ref _received);
            return new CallCounts(received, received - ended);
        }
    }

    /// <summary>Those of callers who mean to leave.</summary>
    public IEnumerable<CallReply> OfLeavers => _ofLeavers.Select(call => new CallReply(call.Leaver, call.BegunAt, call.EndedAt, call.Ended.ToString()));

    /// <summary>One has come.</summary>
    /// <param name="leaver">The number of the caller's request; 0 for a caller who stays.</param>
    /// <param name="closed">Cancelled when its connection is closed.</param>
    public UpstreamCall Begin(int leaver, CancellationToken closed)
    {
        Interlocked.Increment(ref _received);
        var call = new UpstreamCall(this, leaver, closed);
        if (leaver > 0)
        {
            _ofLeavers.Enqueue(call);
        }

        return call;
    }

    /// <summary>One has ended.</summary>
    public void End() => Interlocked.Increment(ref _ended);
}

/// <summary>One call.</summary>
internal sealed class UpstreamCall : IDisposable
{
    private readonly UpstreamCalls _calls;
    private readonly CancellationToken _closed;
    private readonly CancellationTokenRegistration _registration;
    private int _end;
    private long _endedAt;

    public UpstreamCall(UpstreamCalls calls, int leaver, CancellationToken closed)
    {
        _calls = calls;
        _closed = closed;
        Leaver = leaver;
        _registration = closed.UnsafeRegister(static call => ((UpstreamCall)call!).End(CallEnd.Closed), this);
    }

    /// <summary>The number of the request; 0 of a caller who stays.</summary>
    public int Leaver { get; }

    /// <summary>When it came, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long BegunAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>How it ended.</summary>
    public CallEnd Ended => (CallEnd)Volatile.Read(ref _end);

    /// <summary>When, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long EndedAt => Volatile.Read(ref _endedAt);

    /// <summary>Notes its end; the first one counts.</summary>
    public void End(CallEnd end)
    {
        var now = Stopwatch.GetTimestamp();
        end = end == CallEnd.Closed && _calls.IsGone ? CallEnd.Failed : end;
        if (Interlocked.CompareExchange(ref _end, (int)end, (int)CallEnd.Open) == (int)CallEnd.Open)
        {
            Volatile.Write(ref _endedAt, now);
            _calls.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        End(_closed.IsCancellationRequested ? CallEnd.Closed : CallEnd.Failed);
    }
}

/// <summary>How many calls there were.</summary>
/// <param name="Received">That came whole.</param>
/// <param name="Open">That have not ended.</param>
internal sealed record CallCounts(long Received, long Open);

/// <summary>A call of a caller who means to leave.</summary>
/// <param name="Leaver">The number of the caller's request, which may have led to several calls.</param>
/// <param name="BegunAt">When it came, as a timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="EndedAt">When it ended, as a timestamp of <see cref="Stopwatch"/>; 0 while it has not.</param>
/// <param name="End">How: a name of <see cref="CallEnd"/>.</param>
internal sealed record CallReply(int Leaver, long BegunAt, long EndedAt, string End);
