using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Whether an answer is the expected text, or, where there is none, one of the references.</summary>
internal sealed class ExactEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly TextForm _form = TextForm.Read(settings);
    private readonly bool _trims = settings.Flag("trim", fallback: true);

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        var wanted = answer.Case.ExpectedText is { } expected ? [expected] : answer.Case.References;
        if (wanted.Count == 0)
        {
            return null;
        }

        var given = Form(answer.Answer.Text);
        return wanted.Any(text => string.Equals(given, Form(text), _form.Comparison))
            ? Score.Of(true)
            : Score.Of(false, $"{Quoted.Short(given)} is not {Quoted.Short(Form(wanted[0]))}");
    }

    private string Form(string text) => _form.Of(_trims ? text.Trim() : text);
}
