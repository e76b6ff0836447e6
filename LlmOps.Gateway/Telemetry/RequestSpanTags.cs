using System.Diagnostics;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry;

/// <summary>What the span of a request says of it.</summary>
internal static class RequestSpanTags
{
    /// <summary>Says it.</summary>
    public static void Add(RequestSpans spans, GatewayRequest request)
    {
        var (root, principal) = (spans.Root, request.Principal);
        root.SetTag(TelemetryNames.RequestId, request.RequestId)
            .SetTag(TelemetryNames.Tenant, principal.Tenant)
            .SetTag(TelemetryNames.Subject, principal.Subject)
            .SetTag(TelemetryNames.Outcome, request.Error?.Code ?? AttemptTelemetry.Ok)
            .SetTag(TelemetryNames.Cache, request.CacheStatus)
            .SetTag(TelemetryNames.ConfigurationVersion, request.Configuration.Version)
            .SetTag(TelemetryNames.RequestModel, request.Model)
            .SetTag(TelemetryNames.Cost, request.Cost is { } cost ? (double)cost.Dollars : null)
            .SetTag(TelemetryNames.User, request.User)
            .SetTag(TelemetryNames.ConversationId, request.Session)
            .SetTag(TelemetryNames.Guardrails, request.Found?.Split(','))
            .SetTag(TelemetryNames.Degraded, request.Degraded?.Split(','));
        if (request.Prompt is { } prompt)
        {
            root.SetTag(TelemetryNames.Prompt, prompt.Name)
                .SetTag(TelemetryNames.PromptVersion, prompt.Version)
                .SetTag(TelemetryNames.Experiment, prompt.Exposure?.Experiment)
                .SetTag(TelemetryNames.Variant, prompt.Exposure?.Variant);
        }

        root.SetTag(TelemetryNames.ResponseStatus, request.Error?.Status ?? StatusCodes.Status200OK);
        if (request.Error is { } error)
        {
            root.SetTag(TelemetryNames.ErrorType, error.Code);
            if (error.Status >= StatusCodes.Status500InternalServerError)
            {
                // By the conventions for HTTP servers, what a client does wrong is no error of the server's span.
                root.SetStatus(ActivityStatusCode.Error);
            }
        }
    }
}
