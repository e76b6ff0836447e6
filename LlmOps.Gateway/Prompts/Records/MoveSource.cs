namespace LlmOps.Gateway.Prompts.Records;

/// <summary>What moves labels, and changes experiments.</summary>
internal static class MoveSource
{
    /// <summary>The API.</summary>
    public const string Api = "api";

    /// <summary>The API, back to what was before.</summary>
    public const string Rollback = "rollback";

    /// <summary>A file of the prompts folder.</summary>
    public const string File = "file";

    /// <summary>NAME_PROMPT_VERSION.</summary>
    public const string Environment = "environment";

    /// <summary>The decision of an experiment.</summary>
    public const string Experiment = "experiment";

    /// <summary>An experiment's guard.</summary>
    public const string Guard = "guard";
}
