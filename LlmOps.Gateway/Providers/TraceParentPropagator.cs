using System.Diagnostics;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Gives providers the W3C <c>traceparent</c> and nothing else: baggage and trace state are what our callers say among
/// themselves, and providers are third parties. There is one where requests are traced.
/// </summary>
internal sealed class TraceParentPropagator : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields { get; } = [TraceParent];

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // Where nobody listens to HttpClient's own spans, it makes one that nobody ever sees: what the provider is told is the span that it lies in.
        while (activity is { Source.Name: "", Parent: { } parent })
        {
            activity = parent;
        }

        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            setter?.Invoke(carrier, TraceParent, id);
        }
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        (traceId, traceState) = (null, null);

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
