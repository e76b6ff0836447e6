using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// The facts of one request, from its arrival to its log line. The endpoint fills in what was asked,
/// the stages what became of it.
/// </summary>
internal sealed class GatewayRequest
{
    /// <summary>X-Request-ID: a label for people; a caller may repeat it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Route of the endpoint, such as /v1/chat/completions.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Who asks.</summary>
    public required Principal Principal { get; init; }

    /// <summary>The configuration this request lives under, whatever is reloaded meanwhile.</summary>
    public required GatewaySnapshot Configuration { get; init; }

    /// <summary>Timestamp of the arrival, by the TimeProvider.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Cancelled when the caller has left.</summary>
    public required CancellationToken CallerGone { get; init; }

    /// <summary>Cancelled when the gateway stops and the time to finish is over. Each attempt watches it beside the caller: a token linked to both would cost every request.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>The model as the caller names it; null until the body is understood.</summary>
    public string? Model { get; set; }

    /// <summary>What the caller asked, whatever stages make of it: what a translation cannot say is told by its fields. Null where they are no provider's protocol.</summary>
    public OriginalRequest? Asked { get; set; }

    /// <summary>Where the requested model is to be had; null until the body is understood.</summary>
    public ModelRoute? Route { get; set; }

    /// <summary>Whether the caller asked for a stream.</summary>
    public bool Streaming { get; set; }

    /// <summary>Temperature in force, 0 to 2; null when left to the provider.</summary>
    public float? Temperature { get; set; }

    /// <summary>Most output tokens in force; null when left to the provider.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>Calls made to providers so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The target that answered, or was tried last.</summary>
    public Target? Target { get; set; }

    /// <summary>The running attempt's limits, which the provider tells of its progress.</summary>
    public AttemptLimits? Attempt { get; set; }

    /// <summary>From arrival to the first content of a stream.</summary>
    public TimeSpan? TimeToFirstChunk { get; set; }

    /// <summary>The model that answered, as the provider's answer names it; null when it did not say.</summary>
    public string? ResponseModel { get; set; }

    /// <summary>The provider's own id for its answer (x-request-id), which its support asks for; null when it gave none.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Tokens as the provider counted them; null when it did not say.</summary>
    public UsageDetails? Usage { get; set; }

    /// <summary>What the answer cost; null where the price or the tokens are not known.</summary>
    public NanoUsd? Cost { get; set; }

    /// <summary>Why the model stopped; null when it did not get so far.</summary>
    public ChatFinishReason? FinishReason { get; set; }

    /// <summary>How the request failed; null while it has not.</summary>
    public ErrorCode? Error { get; set; }
}
