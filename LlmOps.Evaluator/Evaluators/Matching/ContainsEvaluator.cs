using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Whether an answer has the expected text, or those of the settings, somewhere in it.</summary>
internal sealed class ContainsEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly TextForm _form = TextForm.Read(settings);
    private readonly (SoughtTexts Texts, string Setting)? _sought = SoughtTexts.Read(settings, "all", "any");

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        var sought = _sought?.Texts.For(answer.Case) ?? (answer.Case.ExpectedText is { Length: > 0 } expected ? [expected] : []);
        if (sought.Count == 0)
        {
            return null;
        }

        var text = _form.Of(answer.Answer.Text);
        var missing = sought.Where(each => !text.Contains(_form.Of(each), _form.Comparison)).ToList();
        return missing.Count == 0 || (_sought?.Setting == "any" && missing.Count < sought.Count)
            ? Score.Of(true)
            : Score.Of(false, $"{Quoted.Short(missing)} {(missing.Count == 1 ? "is" : "are")} not in it");
    }
}
