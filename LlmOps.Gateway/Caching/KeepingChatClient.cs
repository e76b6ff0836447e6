using System.Runtime.CompilerServices;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching;

/// <summary>
/// Keeps complete answers for those who ask the same again. Inside coalescing, so that a call that is shared is kept once,
/// and before the next identical request could miss both. An answer that cannot be kept is given all the same.
/// </summary>
internal sealed partial class KeepingChatClient(IChatClient innerClient, AnswerCache cache, SemanticCache semantic, TimeProvider time, ILogger<KeepingChatClient> logger)
    : DelegatingChatClient(innerClient)
{
    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GatewayChatOptions.Of(options).Request.Cache is { Writes: true } use
            ? KeepAsync(use, messages, GatewayChatOptions.Of(options), cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GatewayChatOptions.Of(options).Request.Cache is { Writes: true } use
            ? KeepStreamAsync(use, messages, GatewayChatOptions.Of(options), cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    private async Task<ChatResponse> KeepAsync(CacheUse use, IEnumerable<ChatMessage> messages, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        try
        {
            await KeepAsync(use, options.Request, CompletionReader.Completion(response, options.Request.Model!));
        }
        catch (Exception exception)
        {
            LogNotKept(exception.GetType().Name);
        }

        return response;
    }

    // What follows the last update runs only where the stream came to its complete end, and was read to it.
    private async IAsyncEnumerable<ChatResponseUpdate> KeepStreamAsync(
        CacheUse use, IEnumerable<ChatMessage> messages, GatewayChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var record = new StreamRecord(options.Request.Configuration.Options.Caching.MaxEntryBytes);
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).WithCancellation(cancellationToken))
        {
            record.Add(update);
            yield return update;
        }

        try
        {
            if (record.Completion(options.Request.Model!) is { } json)
            {
                // It was put together here: what cannot be read is not to be found.
                CompletionReader.Read(json);
                await KeepAsync(use, options.Request, json);
            }
        }
        catch (Exception exception)
        {
            LogNotKept(exception.GetType().Name);
        }
    }

    private Task KeepAsync(CacheUse use, GatewayRequest request, ReadOnlyMemory<byte> json)
    {
        var (options, target) = (request.Configuration.Options.Caching, request.Target!);
        var keptFor = request.Route!.IsStandIn(target) && options.FallbackTimeToLive < use.TimeToLive ? options.FallbackTimeToLive : use.TimeToLive;
        if (keptFor <= TimeSpan.Zero || request.Tools is { MayBeKept: false } || json.Length > options.MaxEntryBytes || !CompletionReader.MayBeKept(json))
        {
            return Task.CompletedTask;
        }

        var answer = new CachedAnswer(json, request.Principal.Tenant, request.Route.Name, request.Prompt?.Name, target.Provider, target.Model, request.Cost, time.GetUtcNow() + keptFor);
        var kept = cache.KeepAsync(use.Key, answer, options.CompressFromBytes);
        semantic.Keep(request, answer);

        // Its caller has no need to wait for Redis, unless other replicas wait for the answer.
        return options.ReplicaWait > TimeSpan.Zero ? kept : Task.CompletedTask;
    }

    // Servers send odd things, which go through as they came. That one cannot be kept is not its caller's affair.
    [LoggerMessage(LogLevel.Debug, "An answer is not kept: {Reason}")]
    private partial void LogNotKept(string reason);

    /// <summary>What is kept of a stream while it goes by: the completion so far, not the chunks.</summary>
    private sealed class StreamRecord(int maxBytes)
    {
        private CompletionMerger _merger = new();
        private readonly List<ChatResponseUpdate> _typed = [];
        private long _typedBytes;
        private bool _isRaw;
        private bool _isGivenUp;

        public void Add(ChatResponseUpdate update)
        {
            if (_isGivenUp)
            {
                return;
            }

            try
            {
                if (update.RawRepresentation is OpenAIPayload payload)
                {
                    _isRaw = true;
                    _merger.Add(payload.Json);
                }
                else
                {
                    _typedBytes += update.Contents.Sum(content => content is DataContent data ? data.Data.Length : 100) + update.Text.Length;
                    _typed.Add(update);
                }

                _isGivenUp = _merger.Length + _typedBytes > maxBytes;
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.Text.Json.JsonException)
            {
                _isGivenUp = true;
            }

            if (_isGivenUp)
            {
                _merger = new();
                _typed.Clear();
            }
        }

        /// <summary>The completion; null where some of it is missing: usage, or a piece's own bytes.</summary>
        public ReadOnlyMemory<byte>? Completion(string model)
        {
            if (_isGivenUp || (_isRaw && (_typed.Count > 0 || !_merger.HasUsage)))
            {
                return null;
            }

            return _isRaw ? _merger.ToJson() : ProviderAnswer.Of(_typed) is { Usage: not null } answer ? CompletionReader.Completion(answer, model) : null;
        }
    }
}
