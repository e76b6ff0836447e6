using System.Globalization;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>Scores an answer by a rubric, on the rubric's own scale.</summary>
internal sealed class RubricJudge : ModelJudge
{
    /// <summary>What it is asked for by.</summary>
    public const string Type = "judge";

    private const double Lowest = 1;
    private const double Highest = 5;
    private const double Widest = 1_000_000;

    private readonly RubricOptions _options;
    private readonly Dictionary<string, string> _scale;

    private RubricJudge(SettingsReader settings, JudgePrompt prompt, RubricOptions options)
        : base(settings, prompt)
    {
        _options = options;
        _scale = new() { ["lowest"] = Text(options.Min), ["highest"] = Text(options.Max) };
        if (options.Rubric is { } rubric)
        {
            _scale["rubric"] = rubric;
        }
    }

    /// <summary>Makes one. Settings: prompt, version, model, task; rubric, a text that says what each score means; min and max, the scale.</summary>
    /// <exception cref="BadInputException">A setting is not right.</exception>
    /// <exception cref="GatewayCallException">The gateway does not tell of the prompt.</exception>
    public static async ValueTask<IEvaluator> MakeAsync(SettingsReader settings, EvaluatorContext context, CancellationToken cancellationToken)
    {
        var options = new RubricOptions(
            JudgeOptions.Read(settings, "answer-judge"), settings.Text("rubric"), settings.Number("min", -Widest, Widest) ?? Lowest, settings.Number("max", -Widest, Widest) ?? Highest);
        if (options.Min >= options.Max)
        {
            throw settings.Fault(options.Max == Highest ? "min" : "max", "min below max (by default 1 and 5)");
        }

        var prompt = await JudgePrompt.FindAsync(settings, options.Judge, context, ["answer"], ["question", "rubric", "lowest", "highest"], cancellationToken);
        if (options.Rubric is not null && !prompt.Takes("rubric"))
        {
            throw settings.Fault($"rubric is there, but prompt {prompt.Name} takes no variable 'rubric'; expected one that does, such as answer-judge@v2.");
        }

        // The prompt's own rubric says what 1 to 5 mean.
        return options.Rubric is null && prompt.Takes("rubric") && (options.Min, options.Max) != (Lowest, Highest)
            ? throw settings.Fault("rubric is missing; expected what the scores of this scale mean.")
            : new RubricJudge(settings, prompt, options);
    }

    /// <inheritdoc/>
    public override async ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(_scale)
        {
            ["question"] = JudgedText.Question(answer.Case, _options.Judge.Task),
            ["answer"] = JudgedText.Answer(answer.Answer),
        };
        return await AskAsync(values, "score", judgement => new Score(judgement.Number("score", _options.Min, _options.Max), judgement.Reason), cancellationToken);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record RubricOptions(JudgeOptions Judge, string? Rubric, double Min, double Max);
}
