using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>The built-in model: the same request always gets the same answer, without a network. It is not an LLM and says so.</summary>
/// <param name="modelId">Its name in responses where a request names none.</param>
/// <param name="wordDelay">Pause before each streamed piece; zero for none. Unstreamed answers do not wait.</param>
/// <param name="time">Dates responses and times the pauses.</param>
internal sealed class OfflineChatClient(string modelId, TimeSpan wordDelay, TimeProvider time) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("offline", null, modelId);

    /// <inheritdoc />
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        }

        var answer = OfflineAnswer.To(messages, options);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. answer.Contents]) { MessageId = answer.Id })
        {
            ResponseId = answer.Id,
            ModelId = options?.ModelId ?? modelId,
            CreatedAt = time.GetUtcNow(),
            FinishReason = answer.FinishReason,
            Usage = answer.Usage,
            AdditionalProperties = Fingerprint(),
        });
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        var answer = OfflineAnswer.To(messages, options);
        var created = time.GetUtcNow();
        ChatRole? role = ChatRole.Assistant;
        foreach (var piece in answer.Contents.SelectMany(Pieces))
        {
            if (wordDelay > TimeSpan.Zero)
            {
                await Task.Delay(wordDelay, time, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return Update([piece]);
            role = null;
        }

        var last = Update([new UsageContent(answer.Usage)]);
        last.FinishReason = answer.FinishReason;
        yield return last;

        ChatResponseUpdate Update(IList<AIContent> contents) => new(role, contents)
        {
            ResponseId = answer.Id,
            MessageId = answer.Id,
            ModelId = options?.ModelId ?? modelId,
            CreatedAt = created,
            AdditionalProperties = Fingerprint(),
        };
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private static IEnumerable<AIContent> Pieces(AIContent content) =>
        content is TextContent text ? TextPieces.Of(text.Text).Select(piece => new TextContent(piece)) : [content];

    private static AdditionalPropertiesDictionary Fingerprint() => new() { ["system_fingerprint"] = OfflineModel.SystemFingerprint };
}
