using System.Runtime.CompilerServices;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Sends a chat to a target of its model, and to others while that fails. Innermost stage; the named providers lie behind it.</summary>
internal sealed class TargetRoutingChatClient(RetryBudget retries, TimeProvider time) : IChatClient
{
    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = GatewayChatOptions.Of(options);
        var run = new RouteRun(asked, streaming: false, retries, time, cancellationToken);
        if (run.Hedges)
        {
            return await HedgedAsync(run, messages, asked);
        }

        while (true)
        {
            using var attempt = await run.NextAsync();
            try
            {
                attempt.BeginSpan();
                var response = await attempt.Target.Client!.GetResponseAsync(messages, OptionsOf(attempt, asked), attempt.Limits.Token);
                attempt.Succeeded(response);
                return response;
            }
            catch (Exception exception)
            {
                run.GoOnAfter(attempt, exception);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var asked = GatewayChatOptions.Of(options);
        var run = new RouteRun(asked, streaming: true, retries, time, cancellationToken);
        await using var stream = await (run.Hedges ? OpenHedgedAsync(run, messages, asked) : OpenAsync(run, messages, asked));
        run.Request.TimeToFirstChunk = time.GetElapsedTime(run.Request.StartedAt);
        while (await stream.MoveNextAsync())
        {
            yield return stream.Current;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Clients belong to the configuration snapshot; requests of an older one may still use them.
    }

    // Until the first content the caller has seen nothing: a failure may still lead to another attempt.
    private static async Task<AttemptStream> OpenAsync(RouteRun run, IEnumerable<ChatMessage> messages, GatewayChatOptions asked)
    {
        while (true)
        {
            var attempt = await run.NextAsync();
            var stream = new AttemptStream(attempt);
            try
            {
                await stream.OpenAsync(messages, OptionsOf(attempt, asked));
                return stream;
            }
            catch (Exception exception)
            {
                try
                {
                    run.GoOnAfter(attempt, exception);
                }
                finally
                {
                    await stream.DisposeAsync();
                }
            }
        }
    }

    private async Task<ChatResponse> HedgedAsync(RouteRun run, IEnumerable<ChatMessage> messages, GatewayChatOptions asked)
    {
        var shared = Shared(messages, asked);
        await using var first = await new HedgedCall<AttemptAnswer<ChatResponse>>(run, time, attempt =>
        {
            var answer = AskAsync(attempt, shared, OptionsOf(attempt, asked));
            return (new AttemptAnswer<ChatResponse>(attempt, answer), answer);
        }).FirstAsync();
        return await first.Answer;
    }

    private static async Task<ChatResponse> AskAsync(Attempt attempt, IReadOnlyList<ChatMessage> messages, GatewayChatOptions options)
    {
        attempt.BeginSpan();
        var response = await attempt.Target.Client!.GetResponseAsync(messages, options, attempt.Limits.Token);
        attempt.Succeeded(response);
        return response;
    }

    private Task<AttemptStream> OpenHedgedAsync(RouteRun run, IEnumerable<ChatMessage> messages, GatewayChatOptions asked)
    {
        var shared = Shared(messages, asked);
        return new HedgedCall<AttemptStream>(run, time, attempt =>
        {
            var stream = new AttemptStream(attempt);
            return (stream, stream.OpenAsync(shared, OptionsOf(attempt, asked)));
        }).FirstAsync();
    }

    // The messages, for calls that read them at the same time: what is made when somebody first looks is made now.
    private static IReadOnlyList<ChatMessage> Shared(IEnumerable<ChatMessage> messages, GatewayChatOptions asked)
    {
        _ = asked.Fields;
        return [.. messages];
    }

    // The options of the attempt's call. Where one attempt is made at a time, they are the target's meanwhile.
    private static GatewayChatOptions OptionsOf(Attempt attempt, GatewayChatOptions asked)
    {
        var options = asked;
        var fixedSampling = asked.TemperatureIsDefault && attempt.Target.Pricing.Facts?.Features?.Contains(ModelFeatures.FixedSampling) == true;
        if (fixedSampling || asked.Request.Route!.Hedging is not null)
        {
            options = (GatewayChatOptions)asked.Clone();
            options.Temperature = fixedSampling ? null : asked.Temperature;
        }

        options.Attempt = attempt;
        options.ModelId = attempt.Target.Model;
        return options;
    }
}
