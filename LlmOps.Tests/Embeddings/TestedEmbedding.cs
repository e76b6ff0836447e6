using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Embeddings;

/// <summary>A provider of embeddings with its fake, so that what holds for all of them is tested with all of them.</summary>
/// <param name="Name">The known provider.</param>
/// <param name="Model">A model of it, as callers name it.</param>
/// <param name="Path">Where texts are sent on the fake server.</param>
internal sealed record TestedEmbedding(string Name, string Model, string Path)
{
    public static readonly TestedEmbedding OpenAI = new("openai", "text-embedding-3-small", FakeOpenAIEmbeddings.Path)
    {
        Handler = vectors => FakeOpenAIEmbeddings.Handler(vectors, GatewayApplication.ProviderKey),
        Error = (status, message) => FakeOpenAI.Error(status, message),
    };

    public static readonly TestedEmbedding Gemini = new("gemini", "gemini-embedding-001", "/v1beta/models/gemini-embedding-001:batchEmbedContents")
    {
        Handler = vectors => FakeGeminiEmbeddings.Handler(vectors, GatewayApplication.ProviderKey),
        Error = (status, message) => FakeGemini.Error(status, message),
        MostTexts = 100,
    };

    public static readonly TestedEmbedding Ollama = new("ollama", "ollama/nomic-embed-text", FakeOllamaEmbeddings.Path)
    {
        Handler = vectors => FakeOllamaEmbeddings.Handler(vectors, "nomic-embed-text"),
        Error = (status, message) => FakeOllama.Error(status, message),
    };

    public static readonly TestedEmbedding Tei = new("tei", "tei", "/tei/embed")
    {
        Handler = vectors => new FakeTei { Vectors = vectors, ApiKey = GatewayApplication.ProviderKey, BasePath = "/tei" }.Answer,
        Error = (status, message) => FakeTei.Error(status, status == 422 ? "Validation" : status == 429 ? "Overloaded" : status == 503 ? "Unhealthy" : "Backend", message),
        MostTexts = 32,
    };

    public static IReadOnlyList<TestedEmbedding> All { get; } = [OpenAI, Gemini, Ollama, Tei];

    /// <summary>A server that refuses what the provider refuses.</summary>
    public required Func<FakeVectors, Func<ReceivedRequest, FakeReply>> Handler { get; init; }

    /// <summary>An error of the provider.</summary>
    public required Func<int, string, FakeReply> Error { get; init; }

    /// <summary>Most texts of one request.</summary>
    public int MostTexts { get; init; } = int.MaxValue;

    public static TestedEmbedding Named(string name) => All.Single(provider => provider.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
