using System.Collections.Concurrent;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>
/// Says whether an answer or the baseline's is better: 1 for the answer, 0 for the baseline's, 0.5 for neither. Judges favour what they
/// read first, or second (Wang et al., "Large language models are not fair evaluators", 2023): it is asked in both orders, and the mean counts.
/// </summary>
internal sealed class PreferenceJudge : ModelJudge
{
    /// <summary>What it is asked for by.</summary>
    public const string Type = "preference";

    private const double Tie = 0.5;

    // Of pairs whose second call failed: whoever tries again does not pay for the first anew.
    private const int MostBegun = 1000;

    private readonly string? _task;
    private readonly ConcurrentDictionary<(string Case, string Variant, string Baseline), Score> _begun = new();

    private PreferenceJudge(SettingsReader settings, JudgePrompt prompt, string? task)
        : base(settings, prompt, isPairwise: true) => _task = task;

    /// <summary>Makes one. Settings: prompt, version, model, task.</summary>
    /// <exception cref="BadInputException">A setting is not right.</exception>
    /// <exception cref="GatewayCallException">The gateway does not tell of the prompt.</exception>
    public static async ValueTask<IEvaluator> MakeAsync(SettingsReader settings, EvaluatorContext context, CancellationToken cancellationToken)
    {
        var options = JudgeOptions.Read(settings, "preference-judge");
        return new PreferenceJudge(settings, await JudgePrompt.FindAsync(settings, options, context, ["first", "second"], ["question"], cancellationToken), options.Task);
    }

    /// <inheritdoc/>
    public override async ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Baseline is null)
        {
            return null;
        }

        var (variant, baseline) = (JudgedText.Answer(answer.Answer), JudgedText.Answer(answer.Baseline));
        if (variant == baseline)
        {
            return new Score(Tie, "Both answers are the same.");
        }

        var question = JudgedText.Question(answer.Case, _task);
        var pair = (answer.Case.Id, variant, baseline);
        if (!_begun.TryRemove(pair, out var before))
        {
            before = await CompareAsync(question, variant, baseline, first: 1, second: 0, cancellationToken);
        }

        if (before.Value is not { } first)
        {
            return Failed("before", before);
        }

        var after = await CompareAgainAsync(pair, question, before, cancellationToken);
        return after.Value is { } second
            ? new Score((first + second) / 2, Shortened($"Read before the baseline's: {before.Reason ?? "no reason"}\nRead after it: {after.Reason ?? "no reason"}"))
            {
                Orders = new OrderedVerdicts(first, second),
            }.Costing(before.CostUsd, after.CostUsd)
            : Failed("after", before, after);
    }

    // Half of a comparison would have the judge's bias in it.
    private static Score Failed(string order, params IReadOnlyList<Score> asked) =>
        Score.Failed($"Read {order} the baseline's: {asked[^1].Failure}").Costing([.. asked.Select(each => each.CostUsd)]);

    private async ValueTask<Score> CompareAgainAsync((string Case, string Variant, string Baseline) pair, string question, Score before, CancellationToken cancellationToken)
    {
        try
        {
            return await CompareAsync(question, pair.Baseline, pair.Variant, first: 0, second: 1, cancellationToken);
        }
        catch (GatewayCallException) when (_begun.Count < MostBegun)
        {
            _begun[pair] = before;
            throw;
        }
    }

    private ValueTask<Score> CompareAsync(string question, string answerFirst, string answerSecond, double first, double second, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string> { ["question"] = question, ["first"] = answerFirst, ["second"] = answerSecond };
        return AskAsync(values, "better", judgement => new Score(
            judgement.Word("better", "first", "second", "tie") switch
            {
                "first" => first,
                "second" => second,
                _ => Tie,
            },
            judgement.Reason), cancellationToken);
    }
}
