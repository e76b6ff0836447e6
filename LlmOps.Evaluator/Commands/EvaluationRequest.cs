namespace LlmOps.Evaluator.Commands;

/// <summary>An evaluation as it was asked for; what is null is as eval.yaml has it, or else by default.</summary>
internal sealed record EvaluationRequest
{
    public required string Prompt { get; init; }

    /// <summary>Versions or labels, the baseline first; empty for what production names.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Whether versions or models are compared, so that there must be two of them.</summary>
    public bool IsComparison { get; init; }

    /// <summary>Models that answer, each with each version; empty for the prompt's own.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The prompts folder; null for the working directory's.</summary>
    public string? Folder { get; init; }

    /// <summary>The dataset's file.</summary>
    public string? Dataset { get; init; }

    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>How many cases are drawn; null for all.</summary>
    public int? Sample { get; init; }

    public int Seed { get; init; }

    /// <summary>Evaluators in place of those of eval.yaml; empty for those.</summary>
    public IReadOnlyList<string> Evaluators { get; init; } = [];

    public string? JudgeModel { get; init; }

    public int? Repeats { get; init; }

    public int Concurrency { get; init; }

    /// <summary>The gateway's address; null for one in this process.</summary>
    public Uri? Gateway { get; init; }

    public string? Key { get; init; }

    public TimeSpan Timeout { get; init; }

    /// <summary>Whether answers may come from the gateway's caches.</summary>
    public bool UsesCache { get; init; }

    /// <summary>Whether everything is asked anew.</summary>
    public bool IsFresh { get; init; }

    /// <summary>Whether the last run, which was interrupted, is gone on with.</summary>
    public bool Resumes { get; init; }

    public decimal? MaxCostUsd { get; init; }

    public double Confidence { get; init; }

    public int? MinCases { get; init; }

    /// <summary>Rules in place of those of eval.yaml; empty for those.</summary>
    public IReadOnlyList<string> FailIf { get; init; } = [];

    /// <summary>Effects that are to be seen, METRIC=NUMBER.</summary>
    public IReadOnlyList<string> Detect { get; init; } = [];

    /// <summary>Metrics that must be among those that are measured.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>The folder for results and reports.</summary>
    public required string Output { get; init; }

    /// <summary>Who else is told: gateway, mlflow, langfuse.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];
}
