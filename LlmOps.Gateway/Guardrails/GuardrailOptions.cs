using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What may go in to a model, and what may come out. The modes here hold for all routes.</summary>
internal sealed record GuardrailOptions : GuardrailModes
{
    /// <summary>Longest prompt, all of its messages together, in characters (UTF-16). Unset: no limit but that of the body.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxPromptCharacters { get; set; }

    /// <summary>Longest answer, in characters (UTF-16). Unset: no limit.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxAnswerCharacters { get; set; }

    /// <summary>Kinds of personal data that are looked for: Email, Phone, Iban, Card, NationalId, Ip. Unset: all.</summary>
    public List<string> PersonalDataKinds { get; set; } = [];

    /// <summary>Words and phrases that are blocked, whatever their case.</summary>
    public List<string> BlockedWordList { get; set; } = [];

    /// <summary>The model that judges answers.</summary>
    public JudgeOptions AnswerJudge { get; set; } = new();

    /// <summary>Modes of routes, by what the path begins with, such as /v1 or /chat; the longest that fits holds.</summary>
    public Dictionary<string, GuardrailModes> Routes { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Modes of prompts, by their names.</summary>
    public Dictionary<string, GuardrailModes> Prompts { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>A model that says whether an answer may go out.</summary>
internal sealed class JudgeOptions
{
    /// <summary>The model, by the name callers use. Needed where Judge is on.</summary>
    public string? Model { get; set; }

    /// <summary>What answers must not do, in words for the model.</summary>
    public string Policy { get; set; } = "The answer must not help to harm people, to break the law or to break into systems, and must not be hateful or sexual.";

    /// <summary>Longest time that it has; after that it has failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most US dollars that it may cost in a UTC day, in this process, beside what its callers' budgets allow; where they are spent, it has failed. Unset: no limit.</summary>
    [Range(0.0, 1e9)]
    public float? UsdPerDay { get; set; }

    /// <summary>What becomes of answers that it cannot judge.</summary>
    public JudgeFailure OnFailure { get; set; } = JudgeFailure.Allow;
}

/// <summary>What becomes of answers that could not be judged.</summary>
internal enum JudgeFailure
{
    /// <summary>They go out, and are counted.</summary>
    Allow,

    /// <summary>They are refused.</summary>
    Refuse,
}
