using System.Text.Json.Serialization;

namespace LlmOps.Evaluator.Results;

/// <summary>Whether an evaluation passes.</summary>
/// <param name="Status">The whole.</param>
/// <param name="Rules">The rules that it was held to.</param>
/// <param name="Incomplete">What is missing, in words; empty where nothing is.</param>
internal sealed record GateOutcome(GateStatus Status, IReadOnlyList<RuleOutcome> Rules, IReadOnlyList<string> Incomplete);

/// <summary>A rule and what came of it.</summary>
/// <param name="Rule">When the evaluation fails, as it was written.</param>
/// <param name="Passed">Whether that is not so.</param>
/// <param name="Reason">The numbers that say so.</param>
internal sealed record RuleOutcome(string Rule, bool Passed, string Reason);

/// <summary>How an evaluation ends; the number is the program's exit code.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GateStatus>))]
internal enum GateStatus
{
    /// <summary>No rule says that it fails.</summary>
    Passed = 0,

    /// <summary>A rule does.</summary>
    Regression = 1,

    /// <summary>Cases or scores are missing, so that it cannot be said.</summary>
    Incomplete = 3,
}
