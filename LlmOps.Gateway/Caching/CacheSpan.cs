using System.Diagnostics;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Caching;

/// <summary>The span of a look-up in a cache.</summary>
internal static class CacheSpan
{
    /// <summary>Ends it, with what was found: where it was the semantic cache, how near, and why that was not given.</summary>
    public static void End(Activity? span, GatewayRequest request)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag(TelemetryNames.Cache, request.CacheStatus);
        if (span.OperationName == TelemetryNames.SemanticCache && request.Semantic is { } semantic)
        {
            span.SetTag(TelemetryNames.CacheSimilarity, semantic.Similarity is { } similarity ? Math.Round((double)similarity, 4) : null)
                .SetTag(TelemetryNames.CacheRefusal, semantic.Refusal);
        }

        span.Dispose();
    }
}
