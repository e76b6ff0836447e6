using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Caching;

/// <summary>Tests of a gateway whose only provider counts what it is asked.</summary>
public abstract class CacheTests : IAsyncLifetime
{
    protected CacheTests()
    {
        Provider.Handler = FakeOpenAI.Handler(_ => Answer, GatewayApplication.ProviderKey);
        Gateway.WithOpenAI(Provider);
    }

    private protected FakeAnswer Answer { get; set; } = FakeAnswer.Text("The sky ", "is blue ", "on most days, and on some of them it is of another colour altogether. 🌈");

    private protected FakeServer Provider { get; } = new();

    private protected GatewayApplication Gateway { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Provider.DisposeAsync();
    }

    private protected static string Request(bool streaming = false, string fields = "\"temperature\":0", string text = "Why?") =>
        $$"""{"model":"gpt-4o-mini","messages":[{"role":"user","content":"{{text}}"}],"stream":{{(streaming ? "true" : "false")}},{{fields}}}""";

    /// <summary>Asks, and reads the answer to its end.</summary>
    private protected async Task<Asked> AskAsync(bool streaming = false, string fields = "\"temperature\":0", string text = "Why?", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Request(streaming, fields, text), Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await Gateway.Http.SendAsync(request, streaming ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
        var cache = response.Headers.TryGetValues("X-LlmOps-Cache", out var values) ? values.Single() : "";
        var similarity = response.Headers.TryGetValues("X-LlmOps-Similarity", out var near) ? double.Parse(near.Single(), CultureInfo.InvariantCulture) : (double?)null;
        var degraded = response.Headers.TryGetValues("X-LlmOps-Degraded", out var missing) ? missing.Single() : null;
        var cost = response.Headers.TryGetValues("X-LlmOps-Cost-USD", out var costs) ? costs.Single() : null;
        if (streaming && response.IsSuccessStatusCode)
        {
            var stream = await SseText.ReadAsync(response);
            var whole = stream.Chunks.Where(chunk => chunk.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0).ToList();
            return new Asked(
                (int)response.StatusCode, cache, stream.Text, whole[0].GetProperty("id").GetString(),
                whole[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString(),
                stream.Chunks.Select(chunk => chunk.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object ? usage : (JsonElement?)null).LastOrDefault(usage => usage is not null),
                stream.Done && !stream.Broken, cost, null, similarity, degraded);
        }

        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        if (!response.IsSuccessStatusCode)
        {
            return new Asked((int)response.StatusCode, cache, "", null, null, null, false, cost, body);
        }

        var choice = body.GetProperty("choices")[0];
        return new Asked(
            (int)response.StatusCode, cache, choice.GetProperty("message").GetProperty("content").GetString() ?? "", body.GetProperty("id").GetString(),
            choice.GetProperty("finish_reason").GetString(), body.TryGetProperty("usage", out var counted) ? counted : null, true, cost, body, similarity, degraded);
    }

    private protected string Text => string.Concat(Answer.Choices[0].Content);

    /// <summary>What came of a request.</summary>
    internal sealed record Asked(int Status, string Cache, string Text, string? Id, string? FinishReason, JsonElement? Usage, bool Complete, string? Cost, JsonElement? Body, double? Similarity = null, string? Degraded = null);
}
