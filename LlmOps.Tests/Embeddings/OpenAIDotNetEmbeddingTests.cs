using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Embeddings;

namespace LlmOps.Tests.Embeddings;

/// <summary>OpenAI's official .NET client makes embeddings at /v1 unmodified.</summary>
public sealed class OpenAIDotNetEmbeddingTests : EmbeddingTests
{
    /// <summary>A model of every provider: one program fits all.</summary>
    public static TheoryData<string> Models => [.. TestedEmbedding.All.Select(provider => provider.Model)];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task OneText_Works(string model)
    {
        OpenAIEmbedding embedding = await Client(model).GenerateEmbeddingAsync("Where is the library?");

        embedding.ToFloats().ToArray().ShouldBe(Vectors.Of("Where is the library?"));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task ManyTexts_Work(string model)
    {
        string[] texts = [.. Enumerable.Range(0, 120).Select(number => $"text number {number}")];

        OpenAIEmbeddingCollection embeddings = await Client(model).GenerateEmbeddingsAsync(texts, new EmbeddingGenerationOptions { Dimensions = 6, EndUserId = "ann" });

        embeddings.Select(embedding => embedding.ToFloats().ToArray()).ShouldBe(texts.Select(text => Vectors.Of(text, 6)));
        embeddings.Model.ShouldBe(model);
        embeddings.Usage.InputTokenCount.ShouldBe(360);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task TextsOfUnknownLength_Work(string model)
    {
        AnswerWith(Vectors with { CountsTokens = false });

        OpenAIEmbeddingCollection embeddings = await Client(model).GenerateEmbeddingsAsync(["a", "b"]);

        embeddings.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Errors_AreItsTypedException()
    {
        (await Should.ThrowAsync<ClientResultException>(() => Client("no-such-model").GenerateEmbeddingAsync("x"))).Status.ShouldBe(404);
        (await Should.ThrowAsync<ClientResultException>(() => Client("gpt-4o").GenerateEmbeddingAsync("x"))).Status.ShouldBe(400);
    }

    private EmbeddingClient Client(string model) =>
        new(model, new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(Gateway.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
