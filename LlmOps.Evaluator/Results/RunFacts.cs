namespace LlmOps.Evaluator.Results;

/// <summary>What was asked for, and what it took.</summary>
internal sealed record RunFacts
{
    /// <summary>The gateway's address; null for one in the evaluator's own process.</summary>
    public string? Gateway { get; init; }

    /// <summary>The dataset's file name.</summary>
    public required string Dataset { get; init; }

    /// <summary>SHA-256 of the dataset's bytes, in hex.</summary>
    public required string DatasetHash { get; init; }

    /// <summary>Which cases: conditions such as tag=hard, all of which hold; empty for all.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>How many cases were drawn; null for all.</summary>
    public int? Sample { get; init; }

    /// <summary>Of the draw, of resampling and of random signs.</summary>
    public required int Seed { get; init; }

    /// <summary>How often each case was asked of each variant.</summary>
    public required int Repeats { get; init; }

    /// <summary>The most calls at once.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Of intervals, above 0, below 1; the level of verdicts is 1 less it.</summary>
    public required double Confidence { get; init; }

    /// <summary>The fewest cases that a verdict takes.</summary>
    public required int MinCases { get; init; }

    /// <summary>The most US dollars that it was to spend; null for any.</summary>
    public decimal? MaxCostUsd { get; init; }

    /// <summary>US dollars that this run spent, of what has a price.</summary>
    public required decimal CostUsd { get; init; }

    /// <summary>Calls of models that have no price, or whose tokens were not told: they are in no sum.</summary>
    public required long UnpricedCalls { get; init; }

    /// <summary>Calls that this run made, of models and judges.</summary>
    public required long Calls { get; init; }

    /// <summary>Answers and scores that were there from before.</summary>
    public required long Reused { get; init; }

    /// <summary>How long asking and scoring took, in seconds.</summary>
    public required double AskingSeconds { get; init; }

    /// <summary>Why it ended early: interrupted, or the cost reached its bound; null for an end.</summary>
    public string? EndedEarly { get; init; }
}
