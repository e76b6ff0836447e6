using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The stream of one attempt, from its first content on. Until then the caller has seen nothing, so a failure may lead to
/// another attempt, or to a status of its own; after it, never.
/// </summary>
internal sealed class AttemptStream(Attempt attempt) : IAsyncDisposable
{
    // A provider that sends chunks without content for ever must not fill the memory.
    private const int MostHeld = 1000;
    private const int MostHeldBytes = 8 * 1024 * 1024;

    private readonly List<ChatResponseUpdate> _held = [];
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;
    private int _next;
    private bool _ended;

    /// <summary>The update that the last call of <see cref="MoveNextAsync"/> has brought.</summary>
    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Makes the call, and waits for its first content.</summary>
    /// <param name="messages">What is asked.</param>
    /// <param name="options">With what.</param>
    /// <exception cref="GatewayException">The provider failed before it; the attempt is not yet settled.</exception>
    public async Task OpenAsync(IEnumerable<ChatMessage> messages, GatewayChatOptions options)
    {
        attempt.BeginSpan();
        var (provider, token) = (attempt.Target.Provider, attempt.Limits.Token);
        _updates = attempt.Target.Client!.GetStreamingResponseAsync(messages, options, token).GetAsyncEnumerator(token);
        var bytes = 0;
        while (await _updates.MoveNextAsync())
        {
            var update = _updates.Current;
            attempt.Note(update);
            _held.Add(update);
            bytes += (update.RawRepresentation as WirePayload)?.Json.Length ?? 0;
            if (update.Commits())
            {
                attempt.HasContent();
                attempt.Limits.Pause();
                return;
            }

            if (_held.Count > MostHeld || bytes > MostHeldBytes)
            {
                throw new ProviderException(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' sent {_held.Count} chunks without any content.");
            }
        }

        throw new ProviderException(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' ended its stream without an answer.");
    }

    /// <summary>Goes to the next update; false at the end of a complete answer.</summary>
    /// <exception cref="GatewayException">The provider broke off.</exception>
    public ValueTask<bool> MoveNextAsync()
    {
        if (_next < _held.Count)
        {
            Current = _held[_next++];
            return ValueTask.FromResult(true);
        }

        return _ended ? ValueTask.FromResult(false) : MoveOnAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_updates is not null)
            {
                await _updates.DisposeAsync();
            }
        }
        finally
        {
            attempt.Dispose();
        }
    }

    // Once per chunk: its state is taken from a pool.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MoveOnAsync()
    {
        attempt.Limits.AwaitNextChunk();
        try
        {
            if (!await _updates!.MoveNextAsync())
            {
                _ended = true;
                attempt.Succeeded();
                return false;
            }
        }
        catch (OperationCanceledException exception) when (attempt.Limits.Expired)
        {
            var told = attempt.TimedOut(exception);
            attempt.Failed(told);
            throw told;
        }
        catch (GatewayException exception)
        {
            attempt.Failed(exception);
            throw;
        }

        attempt.Limits.Pause();
        Current = _updates!.Current;
        attempt.Note(Current);
        return true;
    }
}
