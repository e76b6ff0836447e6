using System.Globalization;

namespace LlmOps.Evaluator.Gates;

/// <summary>Numbers in the reasons of rules.</summary>
internal static class RuleNumber
{
    /// <summary>A value: whole from 1,000 on, with three decimals from 1 on, else with three digits.</summary>
    public static string Of(double value) => value.ToString(Math.Abs(value) switch { >= 1_000 => "0", >= 1 => "0.###", _ => "G3" }, CultureInfo.InvariantCulture);

    /// <summary>A change, with its sign.</summary>
    public static string Signed(double value) => value > 0 ? $"+{Of(value)}" : Of(value);
}
