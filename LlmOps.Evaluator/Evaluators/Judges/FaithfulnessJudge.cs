using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>The share of an answer's claims that its source supports, 0 to 1.</summary>
internal sealed class FaithfulnessJudge : ModelJudge
{
    /// <summary>What it is asked for by.</summary>
    public const string Type = "faithfulness";

    // What sources are called where the settings do not say.
    private static readonly string[] UsualSources = ["text", "source", "context"];

    private readonly IReadOnlyList<string> _sources;

    private FaithfulnessJudge(SettingsReader settings, JudgePrompt prompt, string? source)
        : base(settings, prompt) => _sources = source is null ? UsualSources : [source];

    /// <summary>Makes one. Settings: prompt, version, model; source, the variable that has the source (text, source or context by default).</summary>
    /// <exception cref="BadInputException">A setting is not right.</exception>
    /// <exception cref="GatewayCallException">The gateway does not tell of the prompt.</exception>
    public static async ValueTask<IEvaluator> MakeAsync(SettingsReader settings, EvaluatorContext context, CancellationToken cancellationToken)
    {
        var (options, source) = (JudgeOptions.Read(settings, "faithfulness-judge", hasTask: false), settings.Text("source"));
        return new FaithfulnessJudge(settings, await JudgePrompt.FindAsync(settings, options, context, ["source", "answer"], [], cancellationToken), source);
    }

    /// <inheritdoc/>
    public override async ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        if (SourceOf(answer.Case) is not { } source)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(answer.Answer.Text))
        {
            return OfClaims([]);
        }

        var values = new Dictionary<string, string> { ["source"] = source, ["answer"] = answer.Answer.Text };
        return await AskAsync(values, "claims", judgement => OfClaims(judgement.Items("claims")), cancellationToken);
    }

    private static Score OfClaims(IReadOnlyList<Judgement> claims)
    {
        if (claims.Count == 0)
        {
            return new Score(1, "The answer claims nothing, so nothing in it is unsupported.");
        }

        List<string> unsupported = [.. claims.Where(claim => !claim.Flag("supported")).Select(claim => claim.Reason is { } reason ? $"{claim.Text("claim")} ({reason})" : claim.Text("claim"))];
        return new Score(
            (claims.Count - unsupported.Count) / (double)claims.Count,
            unsupported.Count == 0 ? $"Supported: all of {claims.Count}." : $"Not supported: {unsupported.Count} of {claims.Count}.\n- {string.Join("\n- ", unsupported)}");
    }

    private string? SourceOf(EvaluationCase asked) => _sources.Select(name => asked.Variables.GetValueOrDefault(name)).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));
}
