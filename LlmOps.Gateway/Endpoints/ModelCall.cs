using System.Globalization;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What the endpoints that ask a model have in common.</summary>
internal static class ModelCall
{
    /// <summary>Completes the facts with what the body asks for, so that the call can go into the pipeline.</summary>
    public static void Describe(this GatewayRequest request, string model, GatewayChatOptions options, bool streaming)
    {
        request.Model = Shown.Short(model);
        request.Asked = options.Original;
        request.Streaming = streaming;
        request.Temperature = options.Temperature;
        request.MaxTokens = options.MaxOutputTokens;
        request.Route = request.Configuration.Models.Resolve(model).Route;
        options.Request = request;
    }

    /// <summary>Sets the headers that tell how the answer came about. Call it when the first content is there.</summary>
    public static void WriteFacts(this HttpResponse response, GatewayRequest request)
    {
        var headers = response.Headers;
        headers["X-LlmOps-Model"] = request.Target!.Model;
        headers["X-LlmOps-Provider"] = request.Target.Provider;
        headers["X-LlmOps-Attempts"] = request.Attempts.ToString(CultureInfo.InvariantCulture);
        headers["X-LlmOps-Cache"] = CacheStatus;
        headers["X-LlmOps-Config"] = request.Configuration.Version;
        if (!request.Streaming)
        {
            headers["X-LlmOps-Cost-USD"] = request.Cost?.ToString() ?? Unpriced;
        }
    }

    /// <summary>What X-LlmOps-Cost-USD says where the price, or the number of tokens, is not known: never 0.</summary>
    public const string Unpriced = "unpriced";

    /// <summary>What X-LlmOps-Cache says: answers are not looked up anywhere.</summary>
    public const string CacheStatus = "bypass";

    /// <summary>
    /// Begins a stream: its first update is there, so that whatever failed before can still be told by a status.
    /// </summary>
    /// <returns>The enumerator, on its first update.</returns>
    public static async Task<IAsyncEnumerator<ChatResponseUpdate>> BeginStreamAsync(
        this IChatClient pipeline, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var updates = pipeline.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            // The router never ends a stream before its first content.
            await updates.MoveNextAsync();
            return updates;
        }
        catch
        {
            await updates.DisposeAsync();
            throw;
        }
    }
}
