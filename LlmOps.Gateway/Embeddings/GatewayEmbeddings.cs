using System.Text;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Embeddings;

/// <summary>The vector of a text.</summary>
/// <param name="Space">Which embedding made it: vectors of another cannot be compared with it.</param>
/// <param name="Vector">The vector, of length 1.</param>
internal readonly record struct TextEmbedding(EmbeddingSpace Space, ReadOnlyMemory<float> Vector);

/// <summary>
/// The embeddings that the gateway itself needs, with the model of Gateway:Embeddings. Nobody depends on them: one that
/// fails, or takes too long, is done without.
/// </summary>
internal sealed partial class GatewayEmbeddings(IEmbeddingGenerator<string, Embedding<float>> generator, TimeProvider time, ILogger<GatewayEmbeddings> logger)
{
    /// <summary>The built-in embedding's.</summary>
    public static readonly EmbeddingSpace BuiltIn = new(OfflineEmbeddingGenerator.Space, OfflineEmbedding.DefaultDimensions);

    private volatile Source? _source;

    /// <summary>How the last call to a target failed, as callers would be told; null where it did not, or where there was none.</summary>
    public ErrorCode? FailureOf(Target target) => _source is { } source && source.IsOf(target) ? source.Failure : null;

    /// <summary>The vector of a text; null where it cannot be had in time, of which the request is told, or where the model does not take the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="request">The request that needs it, and pays for it.</param>
    /// <param name="cancellationToken">Cancelled when the caller has left.</param>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public ValueTask<TextEmbedding?> EmbedAsync(string text, GatewayRequest request, CancellationToken cancellationToken)
    {
        var route = request.Configuration.Models.Embedding;
        if (route.Target.ProviderType != ProviderTypes.Offline)
        {
            return AskAsync(text, route, request, cancellationToken);
        }

        var vector = new float[OfflineEmbedding.DefaultDimensions];
        OfflineEmbedding.Embed(text, vector);
        return ValueTask.FromResult<TextEmbedding?>(new TextEmbedding(BuiltIn, vector));
    }

    private async ValueTask<TextEmbedding?> AskAsync(string text, ModelRoute route, GatewayRequest request, CancellationToken cancellationToken)
    {
        var options = request.Configuration.Options;
        var source = SourceOf(route.Target);
        if (source.Breaker.TryEnter(options.Routing.Breaker) is not { } pass)
        {
            request.DoWithout(route.Target.Provider);
            return null;
        }

        bool? failed = null;
        var asked = request.Beside(route, new RequestSize(Encoding.UTF8.GetByteCount(text)) { EmbedsOnly = true }, maxTokens: null, options.Embeddings.Timeout, time, cancellationToken);
        try
        {
            var answer = await generator.GenerateAsync([text], new GatewayEmbeddingOptions { Request = asked, InputCount = 1 }, cancellationToken);
            failed = false;
            Tell(source, null);

            var vector = answer[0].Vector.ToArray();
            return Vectors.TryNormalize(vector) ? new TextEmbedding(source.SpaceOf(answer[0]), vector) : null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = ErrorResponse.Classify(exception);
            if (failure.Error.Status is 400 or 413 || exception.IsOfBudget())
            {
                // It is the text that it does not take, or the caller's money that is short: no fault of the provider's.
                return null;
            }

            request.DoWithout(route.Target.Provider);
            var hadItsTime = failure.Error != ErrorCode.DeadlineExceeded || asked.Timeout == options.Embeddings.Timeout;
            if (hadItsTime && failure.Error != ErrorCode.GatewayStopping)
            {
                failed = true;
                Tell(source, failure.Error);
            }

            return null;
        }
        catch (GatewayException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            if (failed is { } known)
            {
                source.Breaker.Settle(pass, known, slow: false, options.Routing.Breaker);
            }
            else
            {
                source.Breaker.Abandon(pass);
            }
        }
    }

    private Source SourceOf(Target target) => _source is { } known && known.IsOf(target) ? known : _source = new Source(target, new CircuitBreaker(time));

    private void Tell(Source source, ErrorCode? failure)
    {
        var before = source.Failure;
        source.Failure = failure;
        if (failure is not null && before is null)
        {
            LogMissing(source.Provider, failure.Code);
        }
        else if (failure is null && before is not null)
        {
            LogBack(source.Provider);
        }
    }

    [LoggerMessage(LogLevel.Warning, "There are no embeddings from provider {Provider} ({Reason}); requests do without.")]
    private partial void LogMissing(string provider, string reason);

    [LoggerMessage(LogLevel.Information, "There are embeddings from provider {Provider} again.")]
    private partial void LogBack(string provider);

    /// <summary>
    /// Who makes the vectors, and how that goes. Its breaker is not the target's: what is too late for the gateway may be in
    /// time for callers of /v1/embeddings, and must not take it from them. (The target's own one is asked on the way.)
    /// </summary>
    private sealed class Source(Target target, CircuitBreaker breaker)
    {
        private volatile ErrorCode? _failure;
        private volatile EmbeddingSpace? _space;

        public string Provider { get; } = target.Provider;

        public CircuitBreaker Breaker { get; } = breaker;

        public ErrorCode? Failure
        {
            get => _failure;
            set => _failure = value;
        }

        public bool IsOf(Target other) => other.Provider == target.Provider && other.Model == target.Model;

        // A server of Text Embeddings Inference has one model under any name, and tells which; others are told which.
        public EmbeddingSpace SpaceOf(Embedding<float> embedding)
        {
            var told = target.ProviderType == ProviderTypes.Tei ? embedding.ModelId : null;
            var length = embedding.Vector.Length;
            return _space is { } known && known.Dimensions == length && (told is null || told == known.Model)
                ? known
                : _space = new EmbeddingSpace(told ?? $"{target.Provider}/{target.Model}", length);
        }
    }
}
