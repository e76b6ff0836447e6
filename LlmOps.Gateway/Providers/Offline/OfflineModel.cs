namespace LlmOps.Gateway.Providers.Offline;

/// <summary>What the offline model says of itself.</summary>
internal static class OfflineModel
{
    /// <summary>The system_fingerprint of everything it answers, so that no reader of a log takes it for an LLM.</summary>
    public const string SystemFingerprint = "offline-not-an-llm";

    /// <summary>Starts every answer that a skill did not work out, so that an echo is not taken for understanding.</summary>
    public const string Mark = "[offline model, not an LLM]";

    /// <summary>Its answer to greetings and to questions about itself.</summary>
    public const string Introduction =
        "Hello! I am LlmOps' offline model: a deterministic built-in program, not an LLM, for demonstrations, tests and evaluations without a network. "
        + "I can shorten a text to its most informative sentences, calculate, classify into given options, fill a JSON schema, "
        + "call a tool that plainly fits, find the sentence of a context that answers a question, and repeat or count. Anything else I only echo.";
}
