using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Sends texts to a target of their embedding model, and to others while that fails. The named providers lie behind it.</summary>
internal sealed class TargetRoutingEmbeddingGenerator(RetryBudget retries, TimeProvider time) : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = GatewayEmbeddingOptions.Of(options);
        var run = new RouteRun(asked, streaming: false, retries, time, cancellationToken);
        if (run.Hedges)
        {
            await using var first = await new HedgedCall<AttemptAnswer<GeneratedEmbeddings<Embedding<float>>>>(run, time, attempt =>
            {
                var answer = AskAsync(attempt, values, asked);
                return (new AttemptAnswer<GeneratedEmbeddings<Embedding<float>>>(attempt, answer), answer);
            }).FirstAsync();
            return await first.Answer;
        }

        while (true)
        {
            using var attempt = await run.NextAsync();
            try
            {
                return await AskAsync(attempt, values, asked);
            }
            catch (Exception exception)
            {
                run.GoOnAfter(attempt, exception);
            }
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Generators belong to the configuration snapshot; requests of an older one may still use them.
    }

    private static async Task<GeneratedEmbeddings<Embedding<float>>> AskAsync(Attempt attempt, IEnumerable<string> values, GatewayEmbeddingOptions asked)
    {
        var options = (GatewayEmbeddingOptions)asked.Clone();
        options.Attempt = attempt;
        options.ModelId = attempt.Target.Model;
        attempt.BeginSpan();
        var answer = await attempt.Target.Embeddings!.GenerateAsync(values, options, attempt.Limits.Token);
        attempt.Succeeded(answer);
        return answer;
    }
}
