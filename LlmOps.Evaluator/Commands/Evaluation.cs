using System.Globalization;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Gates;
using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;
using LlmOps.Evaluator.Runs;
using LlmOps.Gateway.Prompts;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary>An evaluation from its cases to its reports: what all commands do that evaluate.</summary>
/// <param name="asked">What was asked for.</param>
/// <param name="console">Where it is told of.</param>
/// <param name="time">The clock.</param>
internal sealed class Evaluation(EvaluationRequest asked, IAnsiConsole console, TimeProvider time)
{
    private const string ResultsFolder = "results";

    /// <summary>Does all of it.</summary>
    /// <param name="cancellationToken">Ends it early: what there is by then is saved and reported.</param>
    /// <exception cref="BadInputException">It cannot be done as it was asked for.</exception>
    public async Task<EvaluationResult> RunAsync(CancellationToken cancellationToken)
    {
        var folder = asked.Folder is null ? new PromptOptions().FullPath() : Path.GetFullPath(asked.Folder);
        var settings = await EvaluationFile.OfFolderAsync(Path.Combine(folder, asked.Prompt), cancellationToken);
        var dataset = await Dataset.ReadAsync(asked.Dataset ?? settings.Dataset, cancellationToken);
        await using var gateway = await AnsweringGateway.OpenAsync(asked, folder, cancellationToken);
        var plan = await MakePlanAsync(settings, dataset, gateway.Client, cancellationToken);
        IReadOnlyList<GateRule> rules = asked.FailIf.Count > 0 ? [.. asked.FailIf.Select(GateRule.Parse)] : [.. settings.FailIf.Where(rule => IsMeasured(rule.Metric, plan.Metrics))];
        Gate.Check(rules, plan.Metrics, plan.Cases.SelectMany(planned => planned.Case.Tags));
        var detect = EffectsOf(plan.Metrics, settings);
        if (asked.Metrics.FirstOrDefault(name => plan.Metrics.All(metric => metric.Name != name)) is { } unknown)
        {
            throw new BadInputException($"--metric names {unknown}, which is not measured; expected {string.Join(", ", plan.Metrics.Select(metric => metric.Name))}.");
        }

        using var publishers = Publishers.Of(asked.Publish, asked.Gateway is null ? null : gateway.Client, [], time);

        using var log = ResultLog.Open(Path.Combine(asked.Output, ResultsFolder, $"{asked.Prompt}.jsonl"));
        var mark = MarkOf(log, plan);
        var calls = new CallGate(plan.Concurrency, asked.MaxCostUsd, log.SpentSinceBegun, time);
        var progress = new RunProgress(plan.Cases.Count * plan.Variants.Count * plan.Repeats);
        console.MarkupLineInterpolated($"[bold]{asked.Prompt}[/]: {string.Join(" against ", plan.Variants.Select(variant => variant.Facts.Name))}, {plan.Cases.Count} cases of {dataset.FileName}{(plan.Repeats > 1 ? $", {plan.Repeats} times each" : "")}");
        var runner = new EvaluationRunner(plan, gateway.Client, log, calls, progress, mark.IsFresh ? mark.Id : "");
        var begunAt = time.GetTimestamp();
        var cases = await new ProgressLines(console, progress, calls, time).ShowAsync(runner.RunAsync(cancellationToken));
        var asking = time.GetElapsedTime(begunAt);
        gateway.End();

        var endedEarly = cancellationToken.IsCancellationRequested ? "interrupted" : calls.Ended;
        if (endedEarly is null && cases.All(IsWhole))
        {
            log.End(mark);
        }

        var result = Judge(plan, settings, cases, rules, detect, new RunFacts
        {
            Gateway = asked.Gateway?.AbsoluteUri,
            Dataset = dataset.FileName,
            DatasetHash = dataset.Hash,
            Filter = asked.Filter,
            Sample = asked.Sample,
            Seed = asked.Seed,
            Repeats = plan.Repeats,
            Concurrency = plan.Concurrency,
            Confidence = asked.Confidence,
            MinCases = asked.MinCases ?? settings.MinCases ?? ComparisonSettings.DefaultMinCases,
            MaxCostUsd = asked.MaxCostUsd,
            CostUsd = calls.Spent.Usd,
            UnpricedCalls = calls.Spent.Unpriced,
            Calls = calls.Spent.Calls,
            Reused = progress.Reused,
            AskingSeconds = asking.TotalSeconds,
            EndedEarly = endedEarly,
        }, mark);
        await TellAsync(result, publishers);
        return result;
    }

    private async Task<EvaluationPlan> MakePlanAsync(EvaluationFile settings, Dataset dataset, GatewayClient gateway, CancellationToken cancellationToken)
    {
        try
        {
            return await new PlanMaker(asked, settings, gateway).MakeAsync(dataset, cancellationToken);
        }
        catch (GatewayCallException exception)
        {
            // Before anything is asked for, what the gateway says is about what was given.
            throw new BadInputException(exception.Message);
        }
    }

    // Whoever names evaluators leaves out those of eval.yaml, and with them what it says of their metrics.
    private bool IsMeasured(string? metric, IReadOnlyList<Metric> metrics) => metric is null || asked.Evaluators.Count == 0 || metrics.Any(each => each.Name == metric);

    // What is missing may be asked for again by --resume.
    private static bool IsWhole(CaseResult result) => result.Answers.All(answer => answer.Answer is not null && answer.Scores.Values.All(score => score.Failure is null));

    private RunMark MarkOf(ResultLog log, EvaluationPlan plan)
    {
        if (asked.Resumes)
        {
            return log.Unfinished is { } unfinished && unfinished.Plan == plan.Hash
                ? unfinished
                : throw new BadInputException($"There is no interrupted evaluation of {asked.Prompt} with these versions, models, cases and repeats; without --resume one begins{(log.Unfinished is null ? "" : ", and has what was answered before")}.");
        }

        var now = time.GetUtcNow();
        var mark = new RunMark(Guid.CreateVersion7(now).ToString(), plan.Hash, now, asked.IsFresh);
        log.Begin(mark);
        return mark;
    }

    private Dictionary<string, double> EffectsOf(IReadOnlyList<Metric> metrics, EvaluationFile settings)
    {
        Dictionary<string, double> effects = new(settings.Detect.Where(effect => IsMeasured(effect.Key, metrics)));
        foreach (var text in asked.Detect)
        {
            var at = text.LastIndexOf('=');
            effects[at < 0 ? text : text[..at]] = at > 0 && double.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var effect) && effect > 0 && double.IsFinite(effect)
                ? effect
                : throw new BadInputException($"--detect is '{text}'; expected a metric and a number above 0, such as rouge_l=0.02.");
        }

        return effects.Keys.FirstOrDefault(name => metrics.All(metric => metric.Name != name)) is { } unknown
            ? throw new BadInputException($"detect names {unknown}, which is not measured; expected {string.Join(", ", metrics.Select(metric => metric.Name))}.")
            : effects;
    }

    private EvaluationResult Judge(
        EvaluationPlan plan, EvaluationFile settings, IReadOnlyList<CaseResult> cases, IReadOnlyList<GateRule> rules, IReadOnlyDictionary<string, double> detect, RunFacts run, RunMark mark)
    {
        var metrics = plan.Metrics;
        List<Variant> variants = [.. plan.Variants.Select(variant => variant.Facts)];
        var compared = EvaluationComparison.Compare(variants, metrics, cases, [.. plan.Cases.Select(planned => planned.Case)], new ComparisonSettings
        {
            Confidence = run.Confidence,
            Seed = run.Seed,
            MinCases = run.MinCases,
            Detect = detect,
        });
        var result = new EvaluationResult
        {
            Id = mark.Id,
            Prompt = plan.Prompt,
            StartedAt = mark.StartedAt,
            EndedAt = time.GetUtcNow(),
            Run = run,
            Variants = variants,
            Metrics = metrics,
            Cases = cases,
            Summaries = compared.Summaries,
            Comparisons = compared.Comparisons,
            PositionBiases = compared.PositionBiases,
            HumanAgreements = compared.HumanAgreements,
            Gate = new GateOutcome(GateStatus.Passed, [], []),
        };
        var outcome = Gate.Judge(GateFacts.Of(result) with { MinCases = run.MinCases }, rules, settings.MaxMissing);
        return result with { Gate = run.EndedEarly is { } reason ? outcome with { Status = GateStatus.Incomplete, Incomplete = [$"it ended early: {reason}", .. outcome.Incomplete] } : outcome };
    }

    private async Task TellAsync(EvaluationResult result, Publishers publishers)
    {
        var folder = Path.Combine(asked.Output, string.Create(CultureInfo.InvariantCulture, $"{asked.Prompt}-{result.StartedAt.UtcDateTime:yyyyMMdd-HHmmss}"));
        var files = await ReportFiles.WriteAsync(result, folder, CancellationToken.None);
        TerminalReport.Write(console, result, files);

        if (result.Run.EndedEarly is not null && asked.Publish.Count > 0)
        {
            console.MarkupLineInterpolated($"[yellow]Not published, as it ended early; --resume goes on, and publishes the whole.[/]");
            return;
        }

        // What was found out holds whoever can be told of it.
        foreach (var fault in await publishers.PublishAsync(result, folder, CancellationToken.None))
        {
            console.MarkupLineInterpolated($"[yellow]Not published to {fault}[/]");
        }
    }
}
