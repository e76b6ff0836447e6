using System.Runtime.CompilerServices;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Sends the request to its model's target. Innermost stage; the named providers lie behind it.</summary>
internal sealed class TargetRoutingChatClient : IChatClient
{
    // A provider that sends chunks without content for ever must not fill the memory.
    private const int MostHeld = 1000;
    private const int MostHeldBytes = 8 * 1024 * 1024;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (target, targetOptions) = Choose(options);
        return target.Client.GetResponseAsync(messages, targetOptions, cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (target, targetOptions) = Choose(options);
        return FromFirstContent(target, messages, targetOptions, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Clients belong to the configuration snapshot; requests of an older one may still use them.
    }

    /// <summary>
    /// The target's stream, held back until its first content. Until then the caller has seen nothing, so a failure
    /// can still become a status of its own instead of a broken stream.
    /// </summary>
    private static async IAsyncEnumerable<ChatResponseUpdate> FromFirstContent(
        Target target, IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<ChatResponseUpdate>? held = [];
        var heldBytes = 0;
        await foreach (var update in target.Client.GetStreamingResponseAsync(messages, options, cancellationToken).WithCancellation(cancellationToken))
        {
            if (held is null)
            {
                yield return update;
                continue;
            }

            held.Add(update);
            heldBytes += (update.RawRepresentation as WirePayload)?.Json.Length ?? 0;
            if ((held.Count > MostHeld || heldBytes > MostHeldBytes) && !update.Commits())
            {
                throw new ProviderException(ErrorCode.ProviderBadResponse, target.Provider, $"Provider '{target.Provider}' sent {held.Count} chunks without any content.");
            }

            if (update.Commits())
            {
                foreach (var early in held)
                {
                    yield return early;
                }

                held = null;
            }
        }

        if (held is not null)
        {
            throw new ProviderException(ErrorCode.ProviderBadResponse, target.Provider, $"Provider '{target.Provider}' ended its stream without an answer.");
        }
    }

    private static (Target Target, GatewayChatOptions Options) Choose(ChatOptions? options)
    {
        var targetOptions = GatewayChatOptions.Of(options);
        var target = targetOptions.Request.Route!.Target;
        targetOptions.Request.Target = target;
        if (targetOptions.TemperatureIsDefault && target.Pricing.Facts?.Features?.Contains(ModelFeatures.FixedSampling) == true)
        {
            targetOptions = (GatewayChatOptions)targetOptions.Clone();
            targetOptions.Temperature = null;
        }

        // Not on a copy: from here on, one attempt at a time, the model is the target's.
        targetOptions.ModelId = target.Model;

        return (target, targetOptions);
    }
}
