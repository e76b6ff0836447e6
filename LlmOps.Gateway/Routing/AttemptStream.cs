using System.Runtime.CompilerServices;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The stream of one attempt, from its first content on. Until then the caller has seen nothing, so a failure may lead to
/// another attempt, or to a status of its own; after it, never.
/// </summary>
internal sealed class AttemptStream : IAsyncDisposable
{
    // A provider that sends chunks without content for ever must not fill the memory.
    private const int MostHeld = 1000;
    private const int MostHeldBytes = 8 * 1024 * 1024;

    private readonly Attempt _attempt;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private readonly List<ChatResponseUpdate> _held = [];
    private int _next;
    private bool _ended;

    /// <summary>Makes the call, which begins when the first content is awaited.</summary>
    /// <param name="attempt">The attempt, which ends with the stream.</param>
    /// <param name="messages">What is asked.</param>
    /// <param name="options">With what.</param>
    public AttemptStream(Attempt attempt, IEnumerable<ChatMessage> messages, GatewayChatOptions options)
    {
        var token = attempt.Limits.Token;
        _attempt = attempt;
        _updates = attempt.Target.Client.GetStreamingResponseAsync(messages, options, token).GetAsyncEnumerator(token);
    }

    /// <summary>The update that the last call of <see cref="MoveNextAsync"/> has brought.</summary>
    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Waits for the first content.</summary>
    /// <exception cref="GatewayException">The provider failed before it; the attempt is not yet settled.</exception>
    public async Task AwaitContentAsync()
    {
        var provider = _attempt.Target.Provider;
        var bytes = 0;
        while (await _updates.MoveNextAsync())
        {
            var update = _updates.Current;
            _attempt.Note(update);
            _held.Add(update);
            bytes += (update.RawRepresentation as WirePayload)?.Json.Length ?? 0;
            if (update.Commits())
            {
                _attempt.HasContent();
                _attempt.Limits.Pause();
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
        await _updates.DisposeAsync();
        _attempt.Dispose();
    }

    // Once per chunk: its state is taken from a pool.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MoveOnAsync()
    {
        _attempt.Limits.AwaitNextChunk();
        try
        {
            if (!await _updates.MoveNextAsync())
            {
                _ended = true;
                _attempt.Succeeded();
                return false;
            }
        }
        catch (OperationCanceledException exception) when (_attempt.Limits.Expired)
        {
            var told = _attempt.TimedOut(exception);
            _attempt.Failed(told);
            throw told;
        }
        catch (GatewayException exception)
        {
            _attempt.Failed(exception);
            throw;
        }

        _attempt.Limits.Pause();
        Current = _updates.Current;
        _attempt.Note(Current);
        return true;
    }
}
