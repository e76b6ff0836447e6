using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Accounting;

/// <summary>How usage is priced and recorded, and budgets are held.</summary>
internal sealed class AccountingOptions
{
    /// <summary>A JSON file of models with their limits and prices, which adds to the built-in catalogue and replaces what has the same name; docs/providers.md shows its form.</summary>
    public string? PriceFile { get; set; }

    /// <summary>Whether somebody with a budget may ask models without a price. Their calls then count nothing in the budget; otherwise they are refused.</summary>
    public bool AllowUnpriced { get; set; }

    /// <summary>What happens to requests with a budget while the configured Redis is away: Refuse, as what the other replicas spend is not known, or PerReplica, where each goes on with what it knows.</summary>
    public BudgetsWithoutRedis BudgetsWithoutRedis { get; set; }

    /// <summary>How long the ledger keeps the rows of single requests; the sums of each day stay.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan LedgerRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Most bytes of requests that wait on the disk for the database; what comes beyond waits in memory, and is then dropped and counted. Read at start only.</summary>
    [Range(typeof(long), "1048576", "1099511627776")]
    public long JournalMaxBytes { get; set; } = 1024 * 1024 * 1024;
}

/// <summary>What happens to requests with a budget while Redis is away.</summary>
internal enum BudgetsWithoutRedis
{
    /// <summary>503 budget_unavailable.</summary>
    Refuse,

    /// <summary>Each replica holds the budget by itself, from what the ledger has.</summary>
    PerReplica,
}
