namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>What the answers of an experiment are measured by. Where a unit has several answers, it is their mean.</summary>
internal enum Measure
{
    /// <summary>The part of the requests that failed, those that their caller gave up not counted.</summary>
    ErrorRate,

    /// <summary>Milliseconds from the arrival to the end of a fresh answer.</summary>
    LatencyMs,

    /// <summary>Input and output tokens of a fresh answer.</summary>
    Tokens,

    /// <summary>US dollars that a fresh answer cost.</summary>
    CostUsd,

    /// <summary>The score of POST /feedback; of those named otherwise than score, nothing is compared.</summary>
    Feedback,
}

/// <summary>How measures are written.</summary>
internal static class MeasureNames
{
    private static readonly Dictionary<string, Measure> Measures = Enum.GetValues<Measure>().ToDictionary(NameOf);

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> All => Measures.Keys;

    /// <summary>The name of one.</summary>
    public static string NameOf(this Measure measure) => measure switch
    {
        Measure.ErrorRate => "error_rate",
        Measure.LatencyMs => "latency_ms",
        Measure.Tokens => "tokens",
        Measure.CostUsd => "cost_usd",
        _ => "feedback",
    };

    /// <summary>The one of a name; null for none.</summary>
    public static Measure? Parse(string name) => Measures.TryGetValue(name, out var measure) ? measure : null;

    /// <summary>Whether more of it is better.</summary>
    public static bool IsBetterHigher(this Measure measure) => measure == Measure.Feedback;
}
