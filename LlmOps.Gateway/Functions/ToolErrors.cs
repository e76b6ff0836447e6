namespace LlmOps.Gateway.Functions;

/// <summary>Why a call of a tool had no result, as statistics, the audit and spans have it.</summary>
internal static class ToolErrors
{
    /// <summary>What there was a result of.</summary>
    public const string None = "ok";

    /// <summary>The tool itself says that it has failed.</summary>
    public const string Tool = "tool_error";

    /// <summary>The model's arguments are no JSON object, or do not fit the schema.</summary>
    public const string Arguments = "invalid_arguments";

    /// <summary>A guardrail was against the arguments, or kept the result from the model.</summary>
    public const string Guardrail = "guardrail";

    /// <summary>The tool's calls per minute are used up.</summary>
    public const string Limit = "rate_limited";

    /// <summary>There is no such tool.</summary>
    public const string Unknown = "unknown_tool";

    /// <summary>It took too long.</summary>
    public const string Timeout = "timeout";

    /// <summary>Its server cannot be reached, or is left alone since it fails.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>It could not be carried out.</summary>
    public const string Failed = "failed";

    /// <summary>Nobody waited for it any more.</summary>
    public const string Cancelled = "cancelled";
}
