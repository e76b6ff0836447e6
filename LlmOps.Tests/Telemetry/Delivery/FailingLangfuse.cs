using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Delivery;

/// <summary>A Langfuse over real sockets that fails in one way after the other. The same seed gives the same faults for the same requests.</summary>
internal sealed class FailingLangfuse : IAsyncDisposable
{
    // A body with more of them is too large.
    private const int MostTraces = 3;
    private const int Seed = 7;
    private const int OneOf = 5;

    private readonly Lock _lock = new();
    private readonly Random _random = new(Seed);
    private readonly Dictionary<string, bool> _refused = [];
    private readonly FakeLangfuse _fake;
    private int _answers;

    public FailingLangfuse(string version)
    {
        _fake = new FakeLangfuse(version);
        Server = new FakeServer(_fake.Answer);
    }

    public FakeServer Server { get; }

    /// <summary>Requests since the last switch.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>The traces that it has, each once.</summary>
    public IReadOnlyCollection<string> Traces =>
        [.. _fake.Made("trace-create").Select(trace => trace.TextAt("id")!).Concat(_fake.Spans.Select(span => span.TraceId)).Distinct()];

    /// <summary>All is well.</summary>
    public void BeWell()
    {
        _fake.Fails = _ => null;
        Server.Accept = AcceptMode.Serve;
        Switch(_fake.Answer);
    }

    /// <summary>Nobody serves at its address.</summary>
    public void BeDown()
    {
        Server.Accept = AcceptMode.Reset;
        Switch(_fake.Answer);
        Server.ResetConnections();
    }

    /// <summary>Requests are read, and never answered.</summary>
    public void BeSilent()
    {
        Server.Accept = AcceptMode.Serve;
        Switch(_ => FakeReply.Silence());
    }

    /// <summary>Every fifth trace is refused for good; where events are answered one by one, some fail for now as well.</summary>
    public void RefuseSome()
    {
        _fake.Fails = ingested => IsRefused(ingested.At("body").TextAt("traceId") ?? ingested.At("body").TextAt("id")!) ? 400 : Choose(OneOf) == 0 ? 500 : null;
        Switch(request => request.Path.EndsWith("/v1/traces", StringComparison.Ordinal) && TracesOf(request).Any(IsRefused)
            ? FakeLangfuse.Error(400, "InvalidRequestError", "Invalid request data")
            : _fake.Answer(request));
    }

    /// <summary>Bodies with more than a few traces are too large.</summary>
    public void TakeLittle()
    {
        _fake.Fails = _ => null;
        Switch(request => TracesOf(request).Count > MostTraces ? FakeReply.Text(413, "text/html", "<h1>413 Request Entity Too Large</h1>") : _fake.Answer(request));
    }

    /// <summary>What it is sent is taken or not, and the answer is nonsense, or the connection is closed. A 2xx is said of nothing but what is taken.</summary>
    public void TalkNonsense() => Switch(request =>
    {
        var way = Choose(3);
        if (way < 2)
        {
            _fake.Answer(request);
        }

        return way == 0 ? FakeReply.Text(200, "text/html", "<html>Welcome!</html>") : way == 1 ? FakeReply.Close() : FakeReply.Reset();
    });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Server.Faults.ShouldBeEmpty();
    }

    private void Switch(Func<ReceivedRequest, FakeReply> handler)
    {
        Volatile.Write(ref _answers, 0);
        Server.Handler = request =>
        {
            Interlocked.Increment(ref _answers);
            return handler(request);
        };
    }

    private int Choose(int most)
    {
        lock (_lock)
        {
            return _random.Next(most);
        }
    }

    // What was refused once is refused always.
    private bool IsRefused(string trace)
    {
        lock (_lock)
        {
            return _refused.TryGetValue(trace, out var refused) ? refused : _refused[trace] = _refused.Count % OneOf == 0;
        }
    }

    private static List<string> TracesOf(ReceivedRequest request) => request.Path.Split('/')[^1] switch
    {
        "traces" => [.. OtlpDecoder.Decode(FakeLangfuse.Unpacked(request)).Select(span => span.TraceId).Distinct()],
        "ingestion" => [.. request.JsonObject().ListAt("batch").Where(each => each.TextAt("type") == "trace-create").Select(each => each.At("body").TextAt("id")!)],
        _ => [],
    };
}
