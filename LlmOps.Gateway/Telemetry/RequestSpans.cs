using System.Diagnostics;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Telemetry;

/// <summary>The spans of one request that is traced, in the order in which they begin. Thread-safe.</summary>
/// <param name="root">The span of the request itself.</param>
/// <param name="isOwn">Whether it ends with the request; else it is the server's.</param>
internal sealed class RequestSpans(Activity root, bool isOwn)
{
    /// <summary>What makes the spans.</summary>
    public static readonly ActivitySource Source = new(TelemetryNames.Source);

    private readonly Lock _lock = new();
    private readonly List<(Activity Span, Attempt? Attempt)> _all = [(root, null)];

    /// <summary>The span of the request itself.</summary>
    public Activity Root => root;

    /// <summary>Whether it ends with the request; else it is the server's.</summary>
    public bool IsOwn => isOwn;

    /// <summary>All of them by now, with the attempt of those that are calls to providers.</summary>
    public (Activity Span, Attempt? Attempt)[] All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Begins a span within the one that is current; null where nobody wants it. What the same method does then lies in it.</summary>
    public Activity? Begin(string name, ActivityKind kind = ActivityKind.Internal, Attempt? attempt = null, ActivityContext parent = default)
    {
        var span = Source.StartActivity(name, kind, parent != default ? parent : Activity.Current?.Context ?? root.Context);
        if (span is not null)
        {
            lock (_lock)
            {
                _all.Add((span, attempt));
            }
        }

        return span;
    }

    /// <summary>The same, but nothing lies in it: for what begins in one method and ends in another.</summary>
    public Activity? BeginApart(string name)
    {
        var current = Activity.Current;
        var span = Begin(name);
        Activity.Current = current;
        return span;
    }
}
