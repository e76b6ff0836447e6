using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>Experiments.</summary>
/// <param name="Experiments">The experiments, the latest first.</param>
internal sealed record ExperimentList(IReadOnlyList<ExperimentReply> Experiments);

/// <summary>An experiment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Description">What it is to find out; null for nothing.</param>
/// <param name="State">draft, running, paused, decided.</param>
/// <param name="Unit">What always sees the same variant: request, user, session, key.</param>
/// <param name="Salt">Makes its assignment another one than that of others.</param>
/// <param name="Share">The part of the units that takes part.</param>
/// <param name="Variants">What is compared; the first is what the others are compared with.</param>
/// <param name="Guard">By how much a variant may be worse than the first before it is paused, by measure.</param>
/// <param name="PausedVariants">Variants that nobody sees any more.</param>
/// <param name="Winner">The variant that has won; null where it is not decided.</param>
/// <param name="Source">api or file.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="StartedAt">When it ran first; null where it never has.</param>
/// <param name="EndedAt">When it was decided; null where it is not.</param>
/// <param name="Notice">What is left to do: a winner's own model and parameters are no part of its version; not there for nothing.</param>
internal sealed record ExperimentReply(
    string Name, string Prompt, string? Description, string State, string Unit, string Salt, double Share, IReadOnlyList<JsonElement> Variants, IReadOnlyDictionary<string, double> Guard,
    IReadOnlyList<string> PausedVariants, string? Winner, string Source, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Notice)
{
    public static ExperimentReply Of(Experiment experiment) => new(
        experiment.Name, experiment.Definition.Prompt, experiment.Definition.Description, experiment.State.ToString().ToLowerInvariant(), experiment.Definition.Unit.ToString().ToLowerInvariant(),
        experiment.Definition.Salt, experiment.Share, [.. experiment.Definition.Variants.Select(variant => JsonElement.Parse(variant.ToJson()))],
        experiment.Guard.ToDictionary(each => each.Key.NameOf(), each => each.Value), experiment.PausedVariants, experiment.Winner, experiment.Source,
        experiment.CreatedAt, experiment.StartedAt, experiment.EndedAt, NoticeOf(experiment));

    private static string? NoticeOf(Experiment experiment) =>
        experiment.Definition.Variants.FirstOrDefault(variant => variant.Name == experiment.Winner) is { } winner && (winner.Model is not null || winner.Parameters.Json.Count > 0)
            ? $"Production names {VersionName.Of(winner.Version)}, without the model and parameters of variant {winner.Name}: write them into a version to have them in production."
            : null;
}

/// <summary>An experiment, and what it says.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Requests">Requests that took part, of units that saw one variant.</param>
/// <param name="MixedUnits">Units that saw more than one variant, and are left out.</param>
/// <param name="Truncated">Whether there are more requests than the report reads: it is of the latest million.</param>
/// <param name="SampleRatio">Whether the variants have as many units as their weights say; null where there are too few, or a variant was paused for a while.</param>
/// <param name="Variants">What each variant's requests were like.</param>
/// <param name="Comparisons">What each differs in from the first.</param>
/// <param name="Events">What was done to it, the latest first.</param>
internal sealed record ExperimentReportReply(
    ExperimentReply Experiment, int Requests, int MixedUnits, bool Truncated, SampleRatioReply? SampleRatio, IReadOnlyList<VariantReply> Variants, IReadOnlyList<ComparisonReply> Comparisons, IReadOnlyList<ExperimentEventReply> Events)
{
    /// <param name="report">What it says.</param>
    /// <param name="prompt">Its prompt; null where that is gone.</param>
    /// <param name="events">What was done to it.</param>
    public static ExperimentReportReply Of(ExperimentReport report, Prompt? prompt, IReadOnlyList<ExperimentEvent> events)
    {
        var reading = report.Reading;
        return new ExperimentReportReply(
            ExperimentReply.Of(reading.Experiment), reading.Variants.Sum(variant => variant.Requests), reading.MixedUnits, reading.IsTruncated,
            report.SampleRatio is { } ratio ? SampleRatioReply.Of(ratio) : null,
            [.. reading.Variants.Select(variant => VariantReply.Of(variant, prompt?.Changed.Contains(variant.Definition.Version) == true))],
            [.. report.Comparisons.Select(compared => new ComparisonReply(reading.Variants[0].Definition.Name, compared.Variant.Definition.Name, [.. compared.Measures.Select(MeasureReply.Of)]))],
            [.. events.Select(done => new ExperimentEventReply(done.Action, done.Actor, done.Comment, done.At))]);
    }
}

/// <summary>Whether who got which variant was chance alone.</summary>
/// <param name="Mismatch">Whether it was not: then nothing else of the report is to be believed.</param>
/// <param name="PValue">Pearson's chi-square test.</param>
/// <param name="AlwaysValidPValue">One that holds however often one looks; Mismatch goes by it, below 0.001.</param>
internal sealed record SampleRatioReply(bool Mismatch, double PValue, double AlwaysValidPValue)
{
    public static SampleRatioReply Of(SampleRatioResult ratio) => new(ratio.IsMismatch, ratio.PValue, ratio.AlwaysValidPValue);
}

/// <summary>What a variant's requests were like.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Paused">Whether nobody sees it any more.</param>
/// <param name="Changed">Whether the text of its version has changed under its number: what was measured is of several texts.</param>
/// <param name="Units">Units that saw it.</param>
/// <param name="Requests">Requests.</param>
/// <param name="Errors">Requests that failed.</param>
/// <param name="ErrorRate">The same as a part of those that were not given up; null without any.</param>
/// <param name="Abandoned">Requests that their caller gave up.</param>
/// <param name="Fresh">The answers that a provider gave.</param>
/// <param name="Cached">The answers from a cache.</param>
/// <param name="Feedback">The scores.</param>
internal sealed record VariantReply(
    string Variant, bool Paused, bool Changed, int Units, int Requests, int Errors, double? ErrorRate, int Abandoned, FreshReply Fresh, CachedReply Cached, ScoresReply Feedback)
{
    public static VariantReply Of(VariantReading reading, bool isChanged)
    {
        var counted = reading.Requests - reading.Abandoned;
        return new VariantReply(
            reading.Definition.Name, reading.IsPaused, isChanged, reading.Units, reading.Requests, reading.Errors, counted == 0 ? null : (double)reading.Errors / counted, reading.Abandoned,
            new FreshReply(reading.FreshMs.Count, LatencyReply.Of(reading.FreshMs), Mean(reading.Tokens), Mean(reading.Cost), reading.Cost.Count == 0 ? null : reading.Cost.Mean * reading.Cost.Count, (int)(reading.FreshMs.Count - reading.Cost.Count)),
            new CachedReply(reading.CachedMs.Count, LatencyReply.Of(reading.CachedMs), reading.Cache),
            new ScoresReply((int)reading.Scores.Count, Mean(reading.Scores), reading.Scores.Count > 0 && reading.ScoresAreBinary));
    }

    private static double? Mean(Moments moments) => moments.Count == 0 ? null : moments.Mean;
}

/// <summary>The answers that a provider gave.</summary>
/// <param name="Count">How many.</param>
/// <param name="LatencyMs">How long they took.</param>
/// <param name="MeanTokens">Input and output tokens; null where nobody told them.</param>
/// <param name="MeanCostUsd">Dollars; null where no price is known.</param>
/// <param name="TotalCostUsd">The sum of them.</param>
/// <param name="Unpriced">Answers whose cost is not known.</param>
internal sealed record FreshReply(int Count, LatencyReply? LatencyMs, double? MeanTokens, double? MeanCostUsd, double? TotalCostUsd, int Unpriced);

/// <summary>The answers from a cache.</summary>
/// <param name="Count">How many.</param>
/// <param name="LatencyMs">How long they took.</param>
/// <param name="ByOutcome">All answers by the value of X-LlmOps-Cache.</param>
internal sealed record CachedReply(int Count, LatencyReply? LatencyMs, IReadOnlyDictionary<string, int> ByOutcome);

/// <summary>Milliseconds.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">Half took less.</param>
/// <param name="P95">95 % took less.</param>
/// <param name="P99">99 % took less.</param>
internal sealed record LatencyReply(double Mean, double P50, double P95, double P99)
{
    public static LatencyReply? Of(List<double> milliseconds)
    {
        if (milliseconds.Count == 0)
        {
            return null;
        }

        double[] sorted = [.. milliseconds.Order()];
        return new LatencyReply(sorted.Average(), Quantiles.OfSorted(sorted, 0.5), Quantiles.OfSorted(sorted, 0.95), Quantiles.OfSorted(sorted, 0.99));
    }
}

/// <summary>Scores.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean; null without any.</param>
/// <param name="IsProportion">Whether all are 0 or 1.</param>
internal sealed record ScoresReply(int Count, double? Mean, bool IsProportion);

/// <summary>A variant compared with the first.</summary>
/// <param name="Baseline">The first.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Measures">Measure by measure.</param>
internal sealed record ComparisonReply(string Baseline, string Variant, IReadOnlyList<MeasureReply> Measures);

/// <summary>Two variants by one measure. Each unit counts once, with the mean of its requests; latency, tokens and cost are those of fresh answers.</summary>
/// <param name="Measure">error_rate, latency_ms, latency_ms.p95, tokens, cost_usd or feedback.</param>
/// <param name="BaselineUnits">Units of the first that have a value.</param>
/// <param name="VariantUnits">Units of the variant.</param>
/// <param name="Test">What the p-value is of: two_proportion_z, fisher, welch_t, mann_whitney, bootstrap; null where there is too little to say, or no value differs from others of its variant.</param>
/// <param name="Difference">Variant minus first, of latency_ms the shift (Hodges-Lehmann), of means where there is no test; null without values.</param>
/// <param name="Interval">Where the true difference lies, 95 times of 100.</param>
/// <param name="PValue">How often a difference at least as large is seen where there is none.</param>
/// <param name="HolmPValue">The same, corrected for everything that the report compares.</param>
/// <param name="Significant">Whether that is below 0.05. It holds for one look, planned beforehand; who looks again and again goes by always_valid.</param>
/// <param name="DetectableEffect">The least true difference that would be found with these numbers 80 times of 100; null where that is not known.</param>
/// <param name="AlwaysValid">The difference of means with an interval and a p-value that hold however often one looks; null with fewer than about 100 units each.</param>
internal sealed record MeasureReply(
    string Measure, int BaselineUnits, int VariantUnits, string? Test, double? Difference, IReadOnlyList<double>? Interval, double? PValue, double? HolmPValue, bool Significant, double? DetectableEffect, AlwaysValidReply? AlwaysValid)
{
    private const double Alpha = 0.05;

    public static MeasureReply Of(MeasureComparison compared) => new(
        compared.Measure, compared.Baseline, compared.Variant, compared.Test, compared.Difference, compared.Result is { } result ? [result.Interval.Low, result.Interval.High] : null,
        compared.Result?.PValue, compared.HolmPValue, compared.HolmPValue < Alpha, compared.DetectableEffect,
        compared.Sequential is { } sequential ? new AlwaysValidReply(sequential.Difference, [sequential.Interval.Low, sequential.Interval.High], sequential.PValue, compared.SequentialHolmPValue!.Value) : null);
}

/// <summary>What holds however often one looks (Waudby-Smith et al. 2024; Johari et al. 2022).</summary>
/// <param name="Difference">Mean of the variant minus mean of the first.</param>
/// <param name="Interval">Where the true difference lies, at all looks, in 95 of 100 experiments.</param>
/// <param name="PValue">Below 0.05 at any look in at most 5 of 100 experiments without a difference in this measure.</param>
/// <param name="HolmPValue">The same, corrected for everything that the report compares: what to stop by.</param>
internal sealed record AlwaysValidReply(double Difference, IReadOnlyList<double> Interval, double PValue, double HolmPValue);

/// <summary>Something that was done to an experiment.</summary>
/// <param name="Action">created, started, paused, share, guard, variant_paused, variant_resumed, decided.</param>
/// <param name="By">Who did it.</param>
/// <param name="Comment">Why, or what; null for nothing.</param>
/// <param name="At">When.</param>
internal sealed record ExperimentEventReply(string Action, string By, string? Comment, DateTimeOffset At);
