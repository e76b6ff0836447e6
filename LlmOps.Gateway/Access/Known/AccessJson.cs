using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Guardrails;

namespace LlmOps.Gateway.Access.Known;

/// <summary>Generated JSON of what columns and the copy on disk hold, in the API's own form.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RequestLimits))]
[JsonSerializable(typeof(BudgetForm))]
[JsonSerializable(typeof(ParameterPolicy))]
[JsonSerializable(typeof(GuardrailModes))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(AccessRows))]
internal sealed partial class AccessJson : JsonSerializerContext
{
    /// <summary>Limits from their column.</summary>
    public static RequestLimits? Limits(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.RequestLimits);

    /// <summary>Limits for their column.</summary>
    public static string? Of(RequestLimits? limits) => limits is null ? null : JsonSerializer.Serialize(limits, Default.RequestLimits);

    /// <summary>A budget from its column.</summary>
    public static Budget? Budget(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.BudgetForm)?.Budget;

    /// <summary>A budget for its column.</summary>
    public static string? Of(Budget? budget) => Known.BudgetForm.Of(budget) is { } form ? JsonSerializer.Serialize(form, Default.BudgetForm) : null;

    /// <summary>Ranges of parameters from their column.</summary>
    public static ParameterPolicy? Parameters(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.ParameterPolicy);

    /// <summary>Ranges of parameters for their column.</summary>
    public static string? Of(ParameterPolicy? parameters) => parameters is null ? null : JsonSerializer.Serialize(parameters, Default.ParameterPolicy);

    /// <summary>Modes of guardrails from their column.</summary>
    public static GuardrailModes? Guardrails(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.GuardrailModes);

    /// <summary>Modes of guardrails for their column.</summary>
    public static string? Of(GuardrailModes? guardrails) => guardrails is null ? null : JsonSerializer.Serialize(guardrails, Default.GuardrailModes);

    /// <summary>Names from their column.</summary>
    public static IReadOnlyList<string>? Names(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.IReadOnlyListString);

    /// <summary>Names for their column.</summary>
    public static string? Of(IReadOnlyList<string>? names) => names is null ? null : JsonSerializer.Serialize(names, Default.IReadOnlyListString);
}

/// <summary>A budget as the API and the database write it.</summary>
/// <param name="Usd">The most, in dollars; exact to the billionth.</param>
/// <param name="Period">day, month or total.</param>
internal sealed record BudgetForm(decimal Usd, string Period)
{
    /// <summary>The budget that it writes.</summary>
    [JsonIgnore]
    public Budget Budget => new(NanoUsd.FromDollars(Usd), Enum.Parse<BudgetPeriod>(Period, ignoreCase: true));

    /// <summary>The form of a budget; null for none.</summary>
    public static BudgetForm? Of(Budget? budget) => budget is null ? null : new BudgetForm(budget.Amount.Dollars, budget.Period.ToString().ToLowerInvariant());
}
