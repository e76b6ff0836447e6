using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /system/security-metrics: what this replica has refused, and why.</summary>
internal static class SecurityMetricsEndpoint
{
    public static void MapSecurityMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/system/security-metrics", Get).WithTags("Operations").WithSummary("What this replica has refused since its start, and why");

    private static Ok<SecurityMetricsReply> Get(RequestStatistics requests, GuardrailStatistics guardrails, RefusalStatistics refusals)
    {
        var counts = guardrails.Counts;
        return TypedResults.Ok(new SecurityMetricsReply(
            requests.StartedAt,
            requests.Requests,
            counts.GroupBy(count => count.Key.Rule).OrderBy(rule => rule.Key, StringComparer.Ordinal).ToDictionary(rule => rule.Key, rule => RuleCountsReply.Of(rule.ToDictionary(count => count.Key.Outcome, count => count.Value))),
            RuleCountsReply.Of(counts.GroupBy(count => count.Key.Outcome).ToDictionary(outcome => outcome.Key, outcome => outcome.Sum(count => count.Value))),
            refusals.Of(StatusCodes.Status401Unauthorized),
            refusals.Of(StatusCodes.Status403Forbidden),
            refusals.Of(StatusCodes.Status429TooManyRequests)));
    }
}

/// <summary>What /system/security-metrics answers: of this replica alone, since its start.</summary>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Requests">Requests to models that are over.</param>
/// <param name="Rules">Requests in which rules of guardrails have found something, by the rule.</param>
/// <param name="Outcomes">The same for all rules together.</param>
/// <param name="RejectedCredentials">Requests without a valid credential, and failed logins, by the error's code.</param>
/// <param name="Denied">Requests with a valid credential that may not do what they ask for, by the error's code.</param>
/// <param name="LimitsHit">Requests that a limit or a budget has refused, by the error's code.</param>
internal sealed record SecurityMetricsReply(
    DateTimeOffset StartedAt, long Requests, IReadOnlyDictionary<string, RuleCountsReply> Rules, RuleCountsReply Outcomes,
    IReadOnlyDictionary<string, long> RejectedCredentials, IReadOnlyDictionary<string, long> Denied, IReadOnlyDictionary<string, long> LimitsHit);

/// <summary>What became of what was found.</summary>
/// <param name="Monitored">It was counted, no more.</param>
/// <param name="Refused">The request was refused.</param>
/// <param name="Masked">A placeholder stood for it.</param>
/// <param name="Repaired">Another answer was asked for, which was right.</param>
/// <param name="Withheld">A tool was not called with it, or a tool's result was kept from the model.</param>
internal sealed record RuleCountsReply(long Monitored, long Refused, long Masked, long Repaired, long Withheld)
{
    public static RuleCountsReply Of(Dictionary<GuardrailOutcome, long> counts) => new(
        counts.GetValueOrDefault(GuardrailOutcome.Monitored), counts.GetValueOrDefault(GuardrailOutcome.Refused), counts.GetValueOrDefault(GuardrailOutcome.Masked), counts.GetValueOrDefault(GuardrailOutcome.Repaired), counts.GetValueOrDefault(GuardrailOutcome.Withheld));
}
