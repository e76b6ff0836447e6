namespace LlmOps.Gateway.Accounting;

/// <summary>How usage is priced.</summary>
internal sealed class AccountingOptions
{
    /// <summary>A JSON file of models with their limits and prices, which adds to the built-in catalogue and replaces what has the same name; docs/providers.md shows its form.</summary>
    public string? PriceFile { get; set; }
}
