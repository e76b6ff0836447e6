using System.Text.Json;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>Puts the answer of one round together while its stream goes by: typed and, where they are one, of the provider's own bytes.</summary>
/// <param name="model">The model as the caller names it.</param>
internal sealed class StreamedRound(string model)
{
    // A provider that never ends must not fill the memory.
    private const int MostBytes = 16 * 1024 * 1024;

    private readonly List<ChatResponseUpdate> _updates = [];

    // Null where they are none, or cannot be put together for certain.
    private CompletionMerger? _merger = new();
    private long _bytes;

    /// <summary>Takes in an update.</summary>
    /// <exception cref="GatewayException">There are too many of them.</exception>
    public void Add(ChatResponseUpdate update)
    {
        var payload = update.RawRepresentation as OpenAIPayload;
        _updates.Add(update);
        _bytes += payload?.Json.Length ?? update.Text.Length + 100;
        if (_bytes > MostBytes)
        {
            throw new GatewayException(ErrorCode.ProviderBadResponse, $"An answer with tools has more than {MostBytes} bytes.");
        }

        if (payload is null)
        {
            _merger = null;
        }

        Try(merger => merger.Add(payload!.Json));
    }

    /// <summary>The answer, which is whole.</summary>
    public ModelAnswer Answer()
    {
        ReadOnlyMemory<byte>? completion = null;
        Try(merger => completion = merger.ToJson());
        return new ModelAnswer(ProviderAnswer.Of(_updates), completion, model);
    }

    private void Try(Action<CompletionMerger> use)
    {
        try
        {
            if (_merger is not null)
            {
                use(_merger);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException)
        {
            _merger = null;
        }
    }
}
