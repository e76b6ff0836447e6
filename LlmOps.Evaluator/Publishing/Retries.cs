using LlmOps.Evaluator.Answers;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Evaluator.Publishing;

/// <summary>Asks again what is away, busy or broken: a few times, as an evaluation that is over waits for it.</summary>
internal sealed class Retries(TimeProvider time)
{
    /// <summary>Most calls for one thing.</summary>
    public const int Most = 4;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Calls until it succeeds, or fails in a way that another call does not change, or has failed too often.</summary>
    /// <param name="call">One call, which can be repeated.</param>
    /// <param name="cancellationToken">Ends the waiting too.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var wait = First;
        for (var calls = 1; ; calls++)
        {
            TimeSpan? asked;
            try
            {
                return await call();
            }
            catch (SinkException exception) when (exception.IsPassing && calls < Most)
            {
                asked = exception.RetryAfter;
            }
            catch (GatewayCallException exception) when (exception.Status is null or 408 or 429 or >= 500 && calls < Most)
            {
                asked = exception.RetryAfter;
            }

            var rest = asked ?? wait;
            await Task.Delay(rest < Longest ? rest : Longest, time, cancellationToken);
            wait *= 2;
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<Task> call, CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            await call();
            return true;
        },
        cancellationToken);
}
