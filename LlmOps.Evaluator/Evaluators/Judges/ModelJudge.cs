using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Providers;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>Has a model score answers by a prompt of the registry.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="prompt">Who judges.</param>
/// <param name="isPairwise">Whether it holds the answer against the baseline's.</param>
internal abstract class ModelJudge(SettingsReader settings, JudgePrompt prompt, bool isPairwise = false) : IEvaluator
{
    private const int LongestReason = 4000;

    /// <inheritdoc/>
    public Metric Metric { get; } = settings.Metric(MetricKind.Score) with { IsPairwise = isPairwise, Judge = prompt.Name };

    /// <inheritdoc/>
    public string Fingerprint { get; } = prompt.FingerprintOf(settings);

    /// <inheritdoc/>
    public bool CallsModel => true;

    /// <inheritdoc/>
    public abstract ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken);

    /// <summary>Asks once, and reads what is answered.</summary>
    /// <param name="values">Values for the prompt's variables.</param>
    /// <param name="member">The member that a judgement has.</param>
    /// <param name="read">Makes a score of it; a <see cref="JudgementException"/> becomes a score that failed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The score, with the call's cost.</returns>
    /// <exception cref="Answers.GatewayCallException">There is no answer.</exception>
    protected async ValueTask<Score> AskAsync(IReadOnlyDictionary<string, string> values, string member, Func<Judgement, Score> read, CancellationToken cancellationToken)
    {
        var said = await prompt.AskAsync(values, cancellationToken);
        var score = Read(said, member, read);
        return (score.Reason is { } reason ? score with { Reason = Shortened(reason) } : score).Costing(said.CostUsd);
    }

    /// <summary>A reason in at most 4000 characters.</summary>
    protected static string Shortened(string reason) => reason.Length <= LongestReason ? reason : $"{reason[..LongestReason]}…";

    private static Score Read(Answer said, string member, Func<Judgement, Score> read)
    {
        if (said.Provider == ProviderTypes.Offline)
        {
            // It fills the form that is asked for with what it finds in the text: a number, not a judgement.
            return Score.Failed("The offline model cannot judge; expected another model for judges.");
        }

        try
        {
            // What a cut answer has last need not be what it would have ended with.
            return said.FinishReason is "length" or "content_filter"
                ? throw new JudgementException($"The judge's answer was cut ({said.FinishReason}): {Judgement.Short(said.Text)}")
                : read(JudgementReader.Find(said.Text, member));
        }
        catch (JudgementException exception)
        {
            return Score.Failed(exception.Message);
        }
    }
}
