using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>What is sent to a target of a model, whatever is asked there: all that the route to it depends on.</summary>
internal interface IRoutedCall
{
    /// <summary>The facts of the request.</summary>
    GatewayRequest Request { get; }

    /// <summary>What telemetry calls it: chat or embeddings.</summary>
    string Operation { get; }

    /// <summary>Why a target cannot take it, as a 400 that names the field; null where it can.</summary>
    GatewayException? Refusal(Target target);
}
