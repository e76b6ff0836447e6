using System.Globalization;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Endpoints;

/// <summary>The headers that tell how an answer came about.</summary>
internal static class ResponseFacts
{
    /// <summary>What X-LlmOps-Cost-USD says where the price, or the number of tokens, is not known: never 0.</summary>
    public const string Unpriced = "unpriced";

    /// <summary>Sets them. Call it when the first content is there.</summary>
    public static void Write(HttpResponse response, GatewayRequest facts)
    {
        var headers = response.Headers;
        WriteAttempts(response, facts);
        headers["X-LlmOps-Cache"] = facts.CacheStatus;
        if (facts is { Reused: not null, Semantic: { Refusal: null, Similarity: { } similarity } })
        {
            headers["X-LlmOps-Similarity"] = similarity.ToString("0.000", CultureInfo.InvariantCulture);
        }

        if (facts.Degraded is not null)
        {
            headers["X-LlmOps-Degraded"] = facts.Degraded;
        }

        if (facts.Reservation is { Used: >= BudgetWarnings.Nearly and var used })
        {
            headers["X-LlmOps-Budget-Used"] = used.ToString("0.00", CultureInfo.InvariantCulture);
        }

        headers["X-LlmOps-Config"] = facts.Configuration.Version;
        if (!facts.Streaming)
        {
            headers["X-LlmOps-Cost-USD"] = facts.Cost?.ToString() ?? Unpriced;
            if (facts.CostIsEstimated)
            {
                headers["X-LlmOps-Cost-Estimated"] = "true";
            }
        }
    }

    /// <summary>Sets those of them that tell where the request went, and what is left of its limits: on failures too.</summary>
    public static void WriteAttempts(HttpResponse response, GatewayRequest facts)
    {
        if (facts.Provider is { } provider)
        {
            response.Headers["X-LlmOps-Model"] = facts.ProviderModel;
            response.Headers["X-LlmOps-Provider"] = provider;
            response.Headers["X-LlmOps-Attempts"] = facts.Attempts.ToString(CultureInfo.InvariantCulture);
        }

        if (facts.Prompt is { } prompt)
        {
            response.Headers["X-LlmOps-Prompt"] = $"{prompt.Name}@{prompt.Version}";
            if (prompt.Exposure is { } exposure)
            {
                response.Headers["X-LlmOps-Variant"] = $"{exposure.Experiment}/{exposure.Variant}";
            }
        }

        if (facts.Limits is { } takings)
        {
            LimitHeaders.Write(response.Headers, takings);
        }
    }
}
