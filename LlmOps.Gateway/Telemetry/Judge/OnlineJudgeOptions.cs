using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Telemetry.Judge;

/// <summary>A model that scores a share of the answers by a rubric, after they were given: nobody waits for it.</summary>
internal sealed class OnlineJudgeOptions
{
    /// <summary>Share of the answers that are judged, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public float Share { get; set; }

    /// <summary>The model, by the name callers use. Needed where Share is above 0.</summary>
    public string? Model { get; set; }

    /// <summary>The prompt with the rubric, of which the version in production is asked: variables question and answer, and a JSON object with score (a number) and reason (a text) as its answer.</summary>
    public string Prompt { get; set; } = "answer-judge";

    /// <summary>Most US dollars that it may cost in a UTC day, in this process; where they are spent, no more is judged that day.</summary>
    [Range(0.0, 1e9)]
    public float UsdPerDay { get; set; } = 1;

    /// <summary>Longest time of one judgement.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest text of a message and of an answer that is judged, in characters (UTF-16); what is longer is cut.</summary>
    [Range(1, 1_000_000)]
    public int MaxCharacters { get; set; } = 16_000;
}
