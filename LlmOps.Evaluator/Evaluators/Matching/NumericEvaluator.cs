using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Providers.Offline.Maths;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Whether a number in an answer is the expected one, or near enough.</summary>
internal sealed class NumericEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly Rational _absolute = Tolerance(settings, "absolute");
    private readonly Rational _relative = Tolerance(settings, "relative");
    private readonly bool _takesLast = settings.Choice("take", "last", "only") == "last";
    private readonly bool _hasDecimalComma = settings.Choice("decimal", "point", "comma") == "comma";

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (answer.Case.ExpectedText is not { } text || NumberText.Whole(text) is not { } expected)
        {
            return null;
        }

        var numbers = NumberText.All(answer.Answer.Text, _hasDecimalComma);
        if (numbers.Count == 0)
        {
            return Score.Of(false, "there is no number in it");
        }

        if (!_takesLast && numbers.Count > 1)
        {
            return Score.Of(false, "there is more than one number in it");
        }

        var off = Abs(numbers[^1] - expected);
        return off.Numerator.IsZero || IsAtMost(off, _absolute) || IsAtMost(off, _relative * Abs(expected))
            ? Score.Of(true)
            : Score.Of(false, $"{numbers[^1].ToText().Text} is not {text.Trim()}");
    }

    private static Rational Tolerance(SettingsReader settings, string name)
    {
        const double most = 1e100;
        return settings.Number(name, 0, most) is null ? Rational.Of(0)
            : NumberText.Whole(settings.Json(name)!.Value.GetRawText()) ?? throw settings.Fault(name, "a number of fewer digits");
    }

    private static Rational Abs(Rational number) => number.Numerator.Sign < 0 ? -number : number;

    private static bool IsAtMost(Rational number, Rational bound) => (number - bound).Numerator.Sign <= 0;
}
