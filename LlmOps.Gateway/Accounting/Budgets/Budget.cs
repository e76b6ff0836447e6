namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>How much money somebody may spend.</summary>
/// <param name="Amount">The most.</param>
/// <param name="Period">In what time.</param>
internal sealed record Budget(NanoUsd Amount, BudgetPeriod Period)
{
    /// <summary>The largest budget, in dollars: Redis's scripts count in doubles, which are exact up to 2^53 nano-USD.</summary>
    public const decimal MostDollars = 9_000_000m;
}

/// <summary>The time that a budget is for.</summary>
internal enum BudgetPeriod
{
    /// <summary>A day, by UTC.</summary>
    Day,

    /// <summary>A calendar month, by UTC.</summary>
    Month,

    /// <summary>For ever.</summary>
    Total,
}
