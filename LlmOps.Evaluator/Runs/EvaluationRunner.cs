using System.Collections.Concurrent;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Runs;

/// <summary>Has all cases answered and scored: what is there from before is taken, what comes is kept at once, what fails is missing.</summary>
/// <param name="plan">What is to be asked and scored.</param>
/// <param name="gateway">Who answers.</param>
/// <param name="log">What is there from before.</param>
/// <param name="gate">Lets calls through.</param>
/// <param name="progress">Is told how far it is.</param>
/// <param name="salt">Where answers are not to be those from before, the run's id; empty otherwise.</param>
internal sealed class EvaluationRunner(EvaluationPlan plan, GatewayClient gateway, ResultLog log, CallGate gate, RunProgress progress, string salt)
{
    // The same judgement for two variants, or two repeats, that answered alike is asked for once.
    private readonly ConcurrentDictionary<string, Lazy<Task<Score?>>> _judging = new();

    /// <summary>Does so.</summary>
    /// <param name="cancellationToken">Ends it: what has not been answered by then is missing.</param>
    /// <returns>The cases in their order.</returns>
    public async Task<IReadOnlyList<CaseResult>> RunAsync(CancellationToken cancellationToken)
    {
        var answers = new AnswerResult[plan.Cases.Count][];
        for (var index = 0; index < answers.Length; index++)
        {
            answers[index] = new AnswerResult[plan.Variants.Count * plan.Repeats];
        }

        // All variants of a case at the same time: what is slow or away for a while is so for each of them. By repeats first, so that a run
        // that ends early has asked each case as often as others.
        var turns = Enumerable.Range(1, plan.Repeats).SelectMany(repeat => Enumerable.Range(0, plan.Cases.Count).Select(index => (Case: index, Repeat: repeat)));
        await Parallel.ForEachAsync(turns, new ParallelOptions { MaxDegreeOfParallelism = plan.Concurrency, CancellationToken = CancellationToken.None }, async (turn, _) =>
        {
            var results = await AskAsync(plan.Cases[turn.Case], turn.Repeat, cancellationToken);
            for (var variant = 0; variant < results.Length; variant++)
            {
                answers[turn.Case][(variant * plan.Repeats) + turn.Repeat - 1] = results[variant];
            }
        });
        return [.. plan.Cases.Select((planned, index) => new CaseResult
        {
            Id = planned.Case.Id,
            Variables = planned.Case.Variables,
            Expected = planned.Case.Expected,
            References = planned.Case.References,
            Tags = planned.Case.Tags,
            Weight = planned.Case.Weight,
            Answers = answers[index],
        })];
    }

    private async Task<AnswerResult[]> AskAsync(PlannedCase planned, int repeat, CancellationToken cancellationToken)
    {
        var asked = await Task.WhenAll(plan.Variants.Select(variant => AnswerAsync(planned, variant, repeat, cancellationToken)));
        return await Task.WhenAll(asked.Select((result, variant) => ScoreAsync(planned, result, variant == 0 ? null : asked[0].Answer, cancellationToken)));
    }

    private async Task<AnswerResult> AnswerAsync(PlannedCase planned, PlannedVariant variant, int repeat, CancellationToken cancellationToken)
    {
        var variables = planned.Case.VariablesOf(variant.Version);
        var key = ResultKey.OfAnswer(plan, variant, variables, planned.Case.Id, repeat, salt);
        var result = new AnswerResult { Variant = variant.Facts.Name, Repeat = repeat };
        if (log.FindAnswer(key) is { } known)
        {
            progress.Found();
            return result with { Answer = known };
        }

        // The gateway knows the call by the same key: one whose answer was lost on the way here is not paid for twice.
        var run = new PromptRun(plan.Prompt, variant.Version.Version, variables) { Model = variant.AskedModel, UsesCache = plan.UsesCache, IdempotencyKey = key };
        try
        {
            var answer = await gate.CallAsync(variant.AskedModel, () => gateway.RunAsync(run, CancellationToken.None), CallCost.Of, cancellationToken);
            log.Add(key, answer);
            return result with { Answer = answer };
        }
        catch (Exception exception) when (FailureOf(exception) is not null)
        {
            return result with { Failure = FailureOf(exception) };
        }
    }

    private async Task<AnswerResult> ScoreAsync(PlannedCase planned, AnswerResult result, Answer? baseline, CancellationToken cancellationToken)
    {
        if (result.Answer is not { } answer)
        {
            progress.Finished(failed: true);
            return result;
        }

        var scored = new ScoredAnswer(planned.Case, answer, baseline);
        var scores = await Task.WhenAll(planned.Evaluators.Select(async evaluator => (evaluator.Metric.Name, Score: await ScoreAsync(evaluator, scored, cancellationToken))));
        progress.Finished(failed: false);
        return result with { Scores = scores.Where(each => each.Score is not null).ToDictionary(each => each.Name, each => each.Score!) };
    }

    private async Task<Score?> ScoreAsync(IEvaluator evaluator, ScoredAnswer scored, CancellationToken cancellationToken)
    {
        if (!evaluator.CallsModel)
        {
            // What is there is scored, whoever has pressed Ctrl-C: it takes no time.
            return await evaluator.ScoreAsync(scored, CancellationToken.None);
        }

        var key = ResultKey.OfScore(evaluator, scored, salt);
        if (log.FindScore(key) is { } known)
        {
            progress.Found();
            return known;
        }

        try
        {
            return await _judging.GetOrAdd(key, _ => new Lazy<Task<Score?>>(() => JudgeAsync(evaluator, scored, key, cancellationToken))).Value;
        }
        finally
        {
            _judging.TryRemove(key, out _);
        }
    }

    private async Task<Score?> JudgeAsync(IEvaluator evaluator, ScoredAnswer scored, string key, CancellationToken cancellationToken)
    {
        try
        {
            var score = await gate.CallAsync(evaluator.Fingerprint, () => evaluator.ScoreAsync(scored, CancellationToken.None).AsTask(), CallCost.Of, cancellationToken);
            if (score is { Failure: null })
            {
                log.Add(key, score);
            }

            return score;
        }
        catch (Exception exception) when (FailureOf(exception) is not null)
        {
            return Score.Failed(FailureOf(exception)!);
        }
    }

    // Null for what is a fault of the evaluator's own.
    private static string? FailureOf(Exception exception) => exception switch
    {
        GatewayCallException { Status: { } status, Code: { } code } refused => $"{status} {code}: {refused.Message}",
        GatewayCallException failed => failed.Message,
        RunEndedException ended => $"not asked: {ended.Message}",
        OperationCanceledException => "not asked: interrupted",
        _ => null,
    };
}
