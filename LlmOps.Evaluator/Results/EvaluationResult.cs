namespace LlmOps.Evaluator.Results;

/// <summary>All that is known of an evaluation: report.json is this, and all other reports are made from it.</summary>
internal sealed record EvaluationResult
{
    /// <summary>The form that this program writes.</summary>
    public const string CurrentFormat = "llmops-evaluation/1";

    /// <summary>The form it is written in.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>What was asked for, and what it took.</summary>
    public required RunFacts Run { get; init; }

    /// <summary>What is compared; the first is the baseline.</summary>
    public required IReadOnlyList<Variant> Variants { get; init; }

    /// <summary>What answers were scored by, those of quality first.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The cases with their answers, in the dataset's order.</summary>
    public required IReadOnlyList<CaseResult> Cases { get; init; }

    /// <summary>Each variant by each metric.</summary>
    public required IReadOnlyList<MetricSummary> Summaries { get; init; }

    /// <summary>Each variant but the baseline, compared with it by each metric: of all cases, and of those with a tag.</summary>
    public required IReadOnlyList<MetricComparison> Comparisons { get; init; }

    /// <summary>How far judges favour what they read first; none where no judge compares two answers.</summary>
    public IReadOnlyList<PositionBias> PositionBiases { get; init; } = [];

    /// <summary>How far judges agree with people; none where the dataset has no people's labels.</summary>
    public IReadOnlyList<HumanAgreement> HumanAgreements { get; init; } = [];

    /// <summary>Whether it passes.</summary>
    public required GateOutcome Gate { get; init; }
}
