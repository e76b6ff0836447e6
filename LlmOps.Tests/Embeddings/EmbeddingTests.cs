using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Embeddings;

/// <summary>Tests of a gateway that has every provider of embeddings, all of them on one fake server.</summary>
public abstract class EmbeddingTests : ProviderTests
{
    protected EmbeddingTests()
    {
        Gateway
            .With("Gateway:Embeddings:Endpoint", new Uri(Fake.BaseAddress, "tei").ToString())
            .With("Gateway:Embeddings:ApiKey", GatewayApplication.ProviderKey)

            // Limits of time are for the tests that are about them.
            .With("Gateway:Embeddings:Timeout", "30s");
        AnswerWith(Vectors);
    }

    /// <summary>The names of all providers, for theories.</summary>
    public static TheoryData<string> Providers => [.. TestedEmbedding.All.Select(provider => provider.Name)];

    /// <summary>The model behind all of them.</summary>
    private protected static FakeVectors Vectors { get; } = new();

    /// <summary>Requests that have sent texts.</summary>
    private protected IEnumerable<ReceivedRequest> Sent => Fake.Requests.Where(request => TestedEmbedding.All.Any(provider => provider.Path == request.Path));

    /// <summary>Answers every provider's requests alike.</summary>
    private protected void AnswerWith(FakeVectors vectors)
    {
        var handlers = TestedEmbedding.All.Select(provider => (provider.Path, Answer: provider.Handler(vectors))).ToList();
        Fake.Handler = request => handlers.Single(handler => handler.Path.Split('/')[1] == request.Path.Split('/')[1] && (handler.Path == request.Path || request.Path == "/tei/info")).Answer(request);
    }

    /// <summary>Lets a provider answer something else to texts; its other endpoints are well.</summary>
    private protected void Answer(TestedEmbedding provider, FakeReply reply)
    {
        var well = provider.Handler(Vectors);
        Fake.Handler = request => request.Path == provider.Path ? reply : well(request);
    }

    /// <summary>A request's body: the members besides the model and the input are given as JSON.</summary>
    private protected static string Body(string model, string inputJson, string members = "") =>
        $$"""{"model":"{{model}}","input":{{inputJson}}{{(members.Length > 0 ? "," + members : "")}}}""";

    private protected static string Json(params string[] texts) => JsonSerializer.Serialize(texts);

    private protected Task<HttpResponseMessage> EmbedAsync(string body, CancellationToken cancellationToken = default) =>
        Gateway.PostAsync("/v1/embeddings", body, cancellationToken: cancellationToken);

    private protected static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync());

    /// <summary>The vectors of an answer, in the order of their indices, which is that of the list.</summary>
    private protected static List<float[]> VectorsOf(JsonElement answer)
    {
        answer.GetProperty("object").GetString().ShouldBe("list");
        return [.. answer.GetProperty("data").EnumerateArray().Select((item, index) =>
        {
            item.GetProperty("object").GetString().ShouldBe("embedding");
            item.GetProperty("index").GetInt32().ShouldBe(index);
            var vector = item.GetProperty("embedding");
            return vector.ValueKind == JsonValueKind.String
                ? MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
                : vector.EnumerateArray().Select(number => number.GetSingle()).ToArray();
        })];
    }

    private protected static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    /// <summary>Checks that an answer is this error.</summary>
    private protected static async Task IsErrorAsync(HttpResponseMessage response, int status, string code, string? param = null)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        var error = JsonElement.Parse(text).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe(code, text);
        error.GetProperty("param").GetString().ShouldBe(param, text);
    }
}
