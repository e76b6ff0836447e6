using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Endpoints;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>A model as callers name it, and where it is to be had.</summary>
/// <param name="Name">The name as it is listed, whatever the letter case of the request.</param>
/// <param name="Target">Where requests for it go.</param>
internal sealed record ModelRoute(string Name, Target Target)
{
    /// <summary>The name as JSON, for answers.</summary>
    public JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(Name, Json.WriterOptions.Encoder);

    /// <summary>What the caller calls the model, as JSON: mostly the name as it is listed.</summary>
    public JsonEncodedText Encoded(string asked) => asked == Name ? EncodedName : JsonEncodedText.Encode(asked, Json.WriterOptions.Encoder);
}

/// <summary>One model at one provider.</summary>
/// <param name="Provider">The provider's name in the configuration.</param>
/// <param name="Model">The provider's own name for the model.</param>
/// <param name="Client">The provider's client, within the limits of an attempt.</param>
/// <param name="ProviderType">The provider's protocol.</param>
/// <param name="Pricing">What its answers cost, and the limits that are published with that.</param>
internal sealed record Target(string Provider, string Model, IChatClient Client, string ProviderType, Pricing Pricing);
