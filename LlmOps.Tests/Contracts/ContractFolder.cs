namespace LlmOps.Tests.Contracts;

/// <summary>The folder of published OpenAPI specs, named by LLMOPS_CONTRACTS. The specs are never part of the project.</summary>
internal static class ContractFolder
{
    public const string Variable = "LLMOPS_CONTRACTS";
    public const string Gemini = "gemini-native-thirdparty.openapi.json";
    public const string Ollama = "ollama-openapi.yaml";
    public const string Qdrant = "qdrant-openapi-v1.19.json";
    public const string Tei = "tei-openapi.json";
    public const string Langfuse2 = "langfuse-v2.95.12-openapi.yml";
    public const string Langfuse3 = "langfuse-v3.225.4-openapi.yml";
    public const string Langfuse4 = "langfuse-v4-openapi.yml";
    public const string OpenAI = "openai-openapi.yaml";

    /// <summary>The file's full path; null when the variable is unset or the file is missing.</summary>
    public static string? Find(string file) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && Path.Combine(folder, file) is var path && File.Exists(path) ? path : null;
}
