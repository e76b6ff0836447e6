using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>What an answer took: time, tokens or money. Where that is not known it does not apply.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="unit">The amount's unit.</param>
/// <param name="amount">The amount of an answer; null where it is not known.</param>
internal sealed class AmountEvaluator(SettingsReader settings, string unit, Func<Answer, double?> amount)
    : LocalEvaluator(settings, settings.Metric(MetricKind.Amount, MetricDirection.LowerIsBetter) with { IsQuality = false, Unit = unit })
{
    /// <summary>The tokens of an answer, of what was sent, or of both.</summary>
    public static AmountEvaluator Tokens(SettingsReader settings)
    {
        var of = settings.Choice("of", "output", "input", "total");
        return new AmountEvaluator(settings, "tokens", answer => of switch
        {
            "output" => answer.OutputTokens,
            "input" => answer.InputTokens,
            _ => answer.InputTokens + answer.OutputTokens,
        });
    }

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer) => amount(answer.Answer) is { } value ? new Score(value) : null;
}
