using System.Text;
using System.Text.Json;

namespace LlmOps.Tests.Access.Idempotency;

/// <summary>A client that sends requests with an idempotency key.</summary>
internal static class IdempotencyClient
{
    /// <summary>Sends JSON with a key, and reads all of the answer.</summary>
    public static Task<IdempotentReply> SendOnceAsync(
        this GatewayApplication gateway, string json, string key = "k-1", string path = "/v1/chat/completions", string? credential = null, string? timeout = null, CancellationToken cancellationToken = default) =>
        gateway.Http.SendOnceAsync(json, key, path, credential, timeout, cancellationToken);

    /// <inheritdoc cref="SendOnceAsync(GatewayApplication, string, string, string, string?, string?, CancellationToken)"/>
    public static async Task<IdempotentReply> SendOnceAsync(
        this HttpClient http, string json, string key = "k-1", string path = "/v1/chat/completions", string? credential = null, string? timeout = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key).ShouldBeTrue();
        if (credential is not null)
        {
            request.Headers.Authorization = new("Bearer", credential);
        }

        if (timeout is not null)
        {
            request.Headers.Add("X-LlmOps-Timeout", timeout);
        }

        using var response = await http.SendAsync(request, cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(';', header.Value), StringComparer.OrdinalIgnoreCase);
        return new IdempotentReply((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), headers);
    }

    /// <summary>What GET /stats says of idempotency.</summary>
    public static async Task<JsonElement> IdempotencyStatsAsync(this GatewayApplication gateway) =>
        JsonElement.Parse(await gateway.Http.GetStringAsync("/stats")).GetProperty("idempotency");

    /// <summary>Waits until so many requests wait for the answer of an earlier one.</summary>
    public static Task WaitingAsync(this GatewayApplication gateway, int number) =>
        Conditions.HoldsAsync(async () => (await gateway.IdempotencyStatsAsync()).GetProperty("waiting").GetInt32() == number);
}

/// <summary>An answer, whole.</summary>
internal sealed record IdempotentReply(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether it says that it was given before.</summary>
    public bool IsReplayed => this["Idempotent-Replayed"] == "true";

    /// <summary>The code of an error.</summary>
    public string? ErrorCode => JsonElement.Parse(Body).GetProperty("error").GetProperty("code").GetString();

    /// <summary>A header's value; empty where it is not there.</summary>
    public string this[string header] => Headers.GetValueOrDefault(header, "");
}
