using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>The options that travel through the pipeline: the request's facts and its original bytes go with them, typed.</summary>
internal sealed class GatewayChatOptions : ChatOptions, IRoutedCall
{
    public GatewayChatOptions()
    {
    }

    private GatewayChatOptions(GatewayChatOptions other)
        : base(other)
    {
        Request = other.Request;
        Original = other.Original;
        TemperatureIsDefault = other.TemperatureIsDefault;
        MaxTokensIsDefault = other.MaxTokensIsDefault;
        WantsLogprobs = other.WantsLogprobs;
        Attempt = other.Attempt;
    }

    /// <summary>What the stages know of this request, shared by all of them.</summary>
    public GatewayRequest Request { get; set; } = null!;

    /// <inheritdoc/>
    public string Operation => TelemetryNames.Chat;

    /// <summary>The call to a provider that is being made; null before there is one.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>The caller's bytes; null when there are none of a provider's protocol, or when a stage has changed the request.</summary>
    public OriginalRequest? Original { get; set; }

    /// <summary>Whether the temperature is the endpoint's default, which nobody asked for: a model that takes none is not sent it.</summary>
    public bool TemperatureIsDefault { get; set; }

    /// <summary>Whether the most output tokens are the endpoint's default, which nobody asked for: where fewer are allowed, it is those.</summary>
    public bool MaxTokensIsDefault { get; set; }

    /// <summary>Whether the probabilities of the answer's tokens are wanted where that costs nothing: of models that are known to have them, in OpenAI's protocol.</summary>
    public bool WantsLogprobs { get; init; }

    /// <summary>
    /// The fields of the caller's request, typed or not, whatever stages make of it; null where it is no provider's protocol.
    /// In place of AdditionalProperties, which would be a dictionary for every request.
    /// </summary>
    public JsonElement? Fields => Request.Asked?.Body.Root;

    /// <summary>A field of the caller's request; null where it is absent or null.</summary>
    public JsonElement? Extra(string name) => Fields is { } fields ? JsonBody.Optional(fields, name) : null;

    /// <inheritdoc/>
    public GatewayException? Refusal(Target target) => Request.PriceRefusal(target) ?? ChatFeatures.Refusal(target, this);

    /// <inheritdoc/>
    public override ChatOptions Clone() => new GatewayChatOptions(this);

    /// <summary>The gateway's options, which every call inside the pipeline carries.</summary>
    /// <exception cref="ArgumentException">The call came from outside the pipeline.</exception>
    public static GatewayChatOptions Of(ChatOptions? options) =>
        options as GatewayChatOptions
        ?? throw new ArgumentException("Calls into the pipeline carry GatewayChatOptions.", nameof(options));
}
