using System.Globalization;
using System.Text.Json;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>The share of a list of criteria that an answer meets, 0 to 1.</summary>
internal sealed class CriteriaJudge : ModelJudge
{
    /// <summary>What it is asked for by.</summary>
    public const string Type = "criteria";

    private const string OfCase = "metadata.";
    private const string Expected = "a list of texts, or metadata.NAME for lists that cases have";

    private readonly JudgeOptions _options;
    private readonly IReadOnlyList<string> _criteria;

    private CriteriaJudge(SettingsReader settings, JudgePrompt prompt, JudgeOptions options, IReadOnlyList<string> criteria)
        : base(settings, prompt) => (_options, _criteria) = (options, criteria);

    /// <summary>Makes one. Settings: prompt, version, model, task; criteria, a list of texts, or metadata.NAME where each case has its own.</summary>
    /// <exception cref="BadInputException">A setting is not right.</exception>
    /// <exception cref="GatewayCallException">The gateway does not tell of the prompt.</exception>
    public static async ValueTask<IEvaluator> MakeAsync(SettingsReader settings, EvaluatorContext context, CancellationToken cancellationToken)
    {
        var (options, criteria) = (JudgeOptions.Read(settings, "criteria-judge"), settings.Texts("criteria", Expected) ?? throw settings.Missing("criteria", Expected));
        return new CriteriaJudge(settings, await JudgePrompt.FindAsync(settings, options, context, ["answer", "criteria"], ["question"], cancellationToken), options, criteria);
    }

    /// <inheritdoc/>
    public override async ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        if (_criteria is not [var single] || !single.StartsWith(OfCase, StringComparison.Ordinal))
        {
            return await AskAsync(answer, _criteria, cancellationToken);
        }

        if (MetadataOf(answer.Case, single[OfCase.Length..]) is not { } given)
        {
            return null;
        }

        return Texts(given) is { } criteria
            ? await AskAsync(answer, criteria, cancellationToken)
            : Score.Failed($"{single} of the case is {Judgement.Short(given.GetRawText())}; expected a list of texts.");
    }

    private static JsonElement? MetadataOf(EvaluationCase asked, string name) =>
        asked.Metadata is { ValueKind: JsonValueKind.Object } metadata && metadata.TryGetProperty(name, out var given) && given.ValueKind != JsonValueKind.Null ? given : null;

    private static List<string>? Texts(JsonElement given) =>
        given.ValueKind == JsonValueKind.Array && given.GetArrayLength() > 0 && given.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(item.GetString()))
            ? [.. given.EnumerateArray().Select(item => item.GetString()!)]
            : null;

    // Each of them once, by its number: whatever else there is could be a verdict on another one.
    private static Score Read(IReadOnlyList<Judgement> verdicts, IReadOnlyList<string> criteria)
    {
        var byNumber = verdicts.ToLookup(verdict => verdict.Number("number", 1, criteria.Count));
        if (verdicts.Count != criteria.Count || byNumber.Count != criteria.Count)
        {
            throw new JudgementException($"The judge says something of {verdicts.Count} criteria, {byNumber.Count} different ones; expected each of {criteria.Count} once.");
        }

        List<string> unmet = [];
        foreach (var (index, criterion) in criteria.Index())
        {
            if (!byNumber.Contains(index + 1))
            {
                // Its verdict has a number in between.
                throw new JudgementException($"The judge says nothing of criterion {index + 1}.");
            }

            var verdict = byNumber[index + 1].Single();
            if (!verdict.Flag("met"))
            {
                unmet.Add(verdict.Reason is { } reason ? $"{criterion} ({reason})" : criterion);
            }
        }

        return new Score(
            (criteria.Count - unmet.Count) / (double)criteria.Count,
            unmet.Count == 0 ? $"Met: all of {criteria.Count}." : $"Not met: {unmet.Count} of {criteria.Count}.\n- {string.Join("\n- ", unmet)}");
    }

    private async ValueTask<Score> AskAsync(ScoredAnswer answer, IReadOnlyList<string> criteria, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>
        {
            ["question"] = JudgedText.Question(answer.Case, _options.Task),
            ["answer"] = JudgedText.Answer(answer.Answer),
            ["criteria"] = string.Join('\n', criteria.Select((criterion, index) => string.Create(CultureInfo.InvariantCulture, $"{index + 1}. {criterion}"))),
        };
        return await AskAsync(values, "criteria", judgement => Read(judgement.Items("criteria"), criteria), cancellationToken);
    }
}
