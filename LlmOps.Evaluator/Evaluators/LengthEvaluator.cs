using System.Globalization;
using LlmOps.Evaluator.Evaluators.Text;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Whether an answer is neither too short nor too long.</summary>
internal sealed class LengthEvaluator : LocalEvaluator
{
    private static readonly (string Unit, Func<Answer, long?> Of)[] Units =
    [
        ("characters", answer => answer.Text.EnumerateRunes().Count()),
        ("words", answer => Tokens.OfSpace(answer.Text).Count),
        ("sentences", answer => Sentences.Of(answer.Text).Count()),
        ("tokens", answer => answer.OutputTokens),
    ];

    private readonly List<Bounds> _bounds = [];

    /// <exception cref="BadInputException">No bound is given, or a lower one is above the upper one.</exception>
    public LengthEvaluator(SettingsReader settings)
        : base(settings, settings.Metric(MetricKind.Pass))
    {
        foreach (var (unit, of) in Units)
        {
            var (min, max) = (settings.Integer($"min_{unit}", 0), settings.Integer($"max_{unit}", 0));
            if (min > max)
            {
                throw settings.Fault($"min_{unit}", $"at most max_{unit}");
            }

            if (min is not null || max is not null)
            {
                _bounds.Add(new Bounds(unit, of, min ?? 0, max ?? long.MaxValue));
            }
        }

        if (_bounds.Count == 0)
        {
            throw settings.Fault($"no bound is given; expected at least one of {string.Join(", ", Units.SelectMany(unit => (string[])[$"min_{unit.Unit}", $"max_{unit.Unit}"]))}.");
        }
    }

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        var lengths = _bounds.Select(bounds => (Bounds: bounds, Length: bounds.Of(answer.Answer))).ToList();
        var faults = lengths.Where(each => each.Length < each.Bounds.Min || each.Length > each.Bounds.Max)
            .Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Length} {each.Bounds.Unit}, {(each.Length < each.Bounds.Min ? "fewer" : "more")} than {(each.Length < each.Bounds.Min ? each.Bounds.Min : each.Bounds.Max)}")).ToList();
        return faults.Count > 0 ? Score.Of(false, string.Join("; ", faults))
            : lengths.Any(each => each.Length is null) ? null
            : Score.Of(true);
    }

    private sealed record Bounds(string Unit, Func<Answer, long?> Of, long Min, long Max);
}
