using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>
/// Questions that were answered, found by what they mean. What fails here costs no request: it is then answered as if there were nothing.
/// </summary>
internal sealed partial class SemanticCache
{
    private const float BuiltInThreshold = 0.75f;
    private const float OtherThreshold = 0.8f;

    private readonly GatewayEmbeddings _embeddings;
    private readonly ISemanticStore _store;
    private readonly JudgeVerifier _judge;
    private readonly CacheGenerations _generations;
    private readonly IRedis _redis;
    private readonly SemanticStatistics _statistics;
    private readonly TimeProvider _time;
    private readonly ILogger<SemanticCache> _logger;

    public SemanticCache(
        GatewayEmbeddings embeddings, ISemanticStore store, JudgeVerifier judge, CacheGenerations generations, IRedis redis, SemanticStatistics statistics, TimeProvider time, ILogger<SemanticCache> logger)
    {
        (_embeddings, _store, _judge, _generations, _redis, _statistics, _time, _logger) = (embeddings, store, judge, generations, redis, statistics, time, logger);

        // What another replica cleared, nothing finds any more; this removes it. What Redis tells first is from before this process.
        generations.Cleared += scope => _ = generations.IsFirstReading ? Task.CompletedTask : store.ClearAsync(scope);
    }

    /// <summary>Decides, once for each request, what the semantic cache is to it; true where it is anything.</summary>
    public bool MayAnswer(GatewayChatOptions options, IEnumerable<ChatMessage> messages)
    {
        var request = options.Request;
        var settings = request.Configuration.Options.Caching.Semantic;
        if (settings.Mode == SemanticMode.Off || request.Cache is not { } use || request.CacheControls.ExactOnly)
        {
            return false;
        }

        // Without Redis the numbers begin anew with each process, so they say nothing of what was kept before; what is cleared then is removed.
        var generation = _generations.Of(request);
        if (CacheKey.WithoutQuestion(options, messages, _redis.IsConfigured ? generation : "", out var question) is not { } scope
            || string.IsNullOrWhiteSpace(question) || question.Length > settings.MaxQuestionLength)
        {
            return false;
        }

        request.Semantic = new SemanticUse(settings.Mode, use.Reads, scope, question, generation);
        return true;
    }

    /// <summary>The answer of a question that asks the same, as it is read; null where there is none, or it is only looked for.</summary>
    public async ValueTask<TAnswer?> FindAsync<TAnswer>(GatewayRequest request, Func<CachedAnswer, TAnswer> read, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var use = request.Semantic!;
        SemanticCandidate? found = null;
        try
        {
            found = await SameAsync(request, use, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }

        if (found is not { } same)
        {
            CountLook(use);
            return null;
        }

        (use.Similarity, use.Refusal) = (same.Similarity, null);
        if (use.Mode == SemanticMode.Shadow)
        {
            use.WouldBe = same.Entry.Answer;
            CountLook(use);
            return null;
        }

        CountLook(use);
        try
        {
            return read(same.Entry.Answer);
        }
        catch (Exception exception)
        {
            LogUnreadable(exception.GetType().Name);
            (use.Similarity, use.Refusal) = (null, "unreadable");
            _ = _store.RemoveAsync(same.Entry.Space, same.Entry.Id);
            return null;
        }
    }

    /// <summary>Keeps an answer for questions that ask the same; it never fails, and nobody waits for it.</summary>
    public void Keep(GatewayRequest request, CachedAnswer answer)
    {
        if (request.Semantic is { } use)
        {
            // To compare long answers takes its time.
            _ = use.WouldBe is null ? KeepAsync(request, use, answer) : Task.Run(() => KeepAsync(request, use, answer));
        }
    }

    /// <summary>Forgets what belongs to a scope.</summary>
    /// <returns>Whether all of it is forgotten.</returns>
    public Task<bool> ClearAsync(string scope) => _store.ClearAsync(scope);

    private void CountLook(SemanticUse use)
    {
        if (use.Reads)
        {
            _statistics.Looked(use);
        }
    }

    private async ValueTask<SemanticCandidate?> SameAsync(GatewayRequest request, SemanticUse use, CancellationToken cancellationToken)
    {
        if (_store.IsShared && !_generations.Known)
        {
            // What others cleared there is not known now.
            return null;
        }

        // Also where it may not be answered: its answer may be kept.
        use.Embedding = await _embeddings.EmbedAsync(use.Question, request, cancellationToken);
        if (!use.Reads || use.Embedding is not { } embedding)
        {
            return null;
        }

        var settings = request.Configuration.Options.Caching.Semantic;
        var threshold = settings.Threshold ?? (embedding.Space == GatewayEmbeddings.BuiltIn ? BuiltInThreshold : OtherThreshold);
        var candidates = await _store.SearchAsync(embedding.Space, use.Scope, embedding.Vector, threshold, settings.MaxCandidates, cancellationToken);
        if (candidates is null)
        {
            request.DoWithout(_store.Name);
            return null;
        }

        foreach (var candidate in candidates)
        {
            var answer = candidate.Entry.Answer;
            if (!answer.IsFor(request, _time.GetUtcNow()) || !CompletionReader.MayBeKept(answer.Json))
            {
                _ = _store.RemoveAsync(candidate.Entry.Space, candidate.Entry.Id);
                continue;
            }

            var (refusal, isLast) = await RefusalAsync(settings, request, use.Question, candidate.Entry.Question, cancellationToken);
            if (refusal is null)
            {
                return candidate;
            }

            (use.Similarity, use.Refusal) = (use.Similarity ?? candidate.Similarity, use.Refusal ?? refusal);
            if (isLast)
            {
                break;
            }
        }

        return null;
    }

    // The judge is asked once for a request: its calls take time, and cost.
    private async ValueTask<(string? Refusal, bool IsLast)> RefusalAsync(SemanticOptions settings, GatewayRequest request, string question, string known, CancellationToken cancellationToken) => settings.Verifier switch
    {
        SemanticVerification.Words => (WordsVerifier.Refusal(question, known), false),
        SemanticVerification.Judge when WordsVerifier.FactRefusal(question, known) is { } fact => (fact, false),
        SemanticVerification.Judge => (await _judge.RefusalAsync(request, question, known, cancellationToken), true),
        _ => (null, true),
    };

    private async Task KeepAsync(GatewayRequest request, SemanticUse use, CachedAnswer answer)
    {
        try
        {
            if (use.WouldBe is { } wouldBe)
            {
                _statistics.Add(AnswerOverlap.Of(CompletionReader.Read(wouldBe.Json).Text, CompletionReader.Read(answer.Json).Text));
            }

            if (use.Embedding is { } embedding)
            {
                var entry = new SemanticEntry(use.Scope.IdOf(use.Question), embedding.Space, use.Scope, use.Question, embedding.Vector, answer);
                await _store.KeepAsync(entry, () => _generations.Of(request) == use.Generation);
            }
        }
        catch (Exception exception)
        {
            LogNotKept(exception.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "An answer of the semantic cache could not be read and is removed: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(LogLevel.Error, "The semantic cache failed to look for a question, which is asked anew.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Debug, "An answer is not kept for other questions: {Reason}")]
    private partial void LogNotKept(string reason);
}
