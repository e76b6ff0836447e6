using System.Globalization;
using LlmOps.Gateway.Statistics;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>
/// Looks at the experiments that run, and pauses a variant that is clearly worse than the first on a measure of their guard. As it
/// looks again and again, it goes by bounds that hold at every look: a variant that is no worse than tolerated is paused, ever, in
/// at most one of twenty experiments.
/// </summary>
internal sealed partial class ExperimentGuard(PromptRegistry registry, PromptExperiments experiments, ExposureTable table, TimeProvider time, ILogger<ExperimentGuard> logger) : BackgroundService
{
    private const double Alpha = 0.05;

    // Reading is to be a small part of what the database does.
    private const int RestPerReading = 20;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    /// <summary>Looks at all of them now.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var experiment in registry.Current.Experiments.Values.Where(experiment => experiment is { State: ExperimentState.Running, Guard.Count: > 0 }))
        {
            await LookAsync(experiment, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = Rest;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var startedAt = time.GetTimestamp();
                await LookAsync(stoppingToken);
                var took = time.GetElapsedTime(startedAt) * RestPerReading;
                rest = took > Rest ? took : Rest;
            }
            catch (DatabaseException)
            {
                // Health tells of it; the next look is soon.
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The end.
            }
            catch (Exception exception)
            {
                // It must not end.
                LogFailed(exception);
            }
        }
    }

    private async Task LookAsync(Experiment experiment, CancellationToken cancellationToken)
    {
        var reading = await ExperimentReading.ReadAsync(experiment, table, cancellationToken);
        var baseline = reading.Variants[0];
        var guard = new GuardRail(new ConfidenceSequence(Alpha / (experiment.Guard.Count * (reading.Variants.Count - 1))));
        foreach (var variant in reading.Variants.Skip(1).Where(variant => !variant.IsPaused))
        {
            foreach (var (measure, tolerance) in experiment.Guard)
            {
                var direction = measure.IsBetterHigher() ? MetricDirection.HigherIsBetter : MetricDirection.LowerIsBetter;
                if (guard.Judge(baseline.MomentsOf(measure), variant.MomentsOf(measure), direction, tolerance) is { IsClearlyWorse: true } verdict)
                {
                    var why = string.Create(CultureInfo.InvariantCulture, $"{measure.NameOf()} is worse than {baseline.Definition.Name}'s by {verdict.Worsening + tolerance:g3}, and by more than {verdict.Bound + tolerance:g3} beyond doubt; {tolerance:g3} is tolerated");
                    await experiments.PauseVariantAsync(experiment.Name, variant.Definition.Name, why);
                    break;
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Experiments could not be looked at; it is tried again.")]
    private partial void LogFailed(Exception exception);
}
