using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Whether an answer has none of some texts in it.</summary>
internal sealed class NotContainsEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly TextForm _form = TextForm.Read(settings);
    private readonly SoughtTexts _sought = SoughtTexts.Read(settings, "any")?.Texts ?? throw settings.Fault("nothing is given that must not be in the answer; expected text, any or metadata.");

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        var sought = _sought.For(answer.Case);
        if (sought.Count == 0)
        {
            return null;
        }

        var text = _form.Of(answer.Answer.Text);
        var found = sought.Where(each => text.Contains(_form.Of(each), _form.Comparison)).ToList();
        return found.Count == 0 ? Score.Of(true) : Score.Of(false, $"{Quoted.Short(found)} {(found.Count == 1 ? "is" : "are")} in it");
    }
}
