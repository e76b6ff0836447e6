using System.Net;
using System.Text;
using System.Text.Json;

namespace LlmOps.Tests.Access;

/// <summary>Administration of a gateway by its configured key, as a client does it.</summary>
internal static class Administering
{
    /// <summary>Sends a request with a key.</summary>
    public static async Task<HttpResponseMessage> SendAsync(this GatewayApplication gateway, string method, string path, string? key, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await gateway.Http.SendAsync(request);
    }

    /// <summary>Administers, and returns what is answered.</summary>
    public static async Task<JsonElement> AdministerAsync(this GatewayApplication gateway, string method, string path, string? json = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await gateway.SendAsync(method, path, GatewayApplication.AdministratorKey, json);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(expected, body);
        return body.Length == 0 ? default : JsonElement.Parse(body);
    }

    /// <summary>Makes a key.</summary>
    public static async Task<(string Id, string Key)> CreateKeyAsync(this GatewayApplication gateway, string json)
    {
        var made = await gateway.AdministerAsync("POST", "/admin/keys", json, HttpStatusCode.Created);
        return (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
    }

    /// <summary>What a refused change answers: status, code, field and message.</summary>
    public static async Task<(int Status, string Code, string? Field, string Message)> RefusalAsync(this GatewayApplication gateway, string method, string path, string? json = null)
    {
        using var response = await gateway.SendAsync(method, path, GatewayApplication.AdministratorKey, json);
        var body = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(400, body);
        var error = JsonElement.Parse(body).GetProperty("error");
        return ((int)response.StatusCode, error.GetProperty("error_code").GetString()!, error.GetProperty("field").GetString(), error.GetProperty("message").GetString()!);
    }

    /// <summary>The status and the message of a question to a model.</summary>
    public static async Task<(int Status, string Body)> AskAsync(this GatewayApplication gateway, string? key, string model = "offline")
    {
        using var response = await gateway.SendAsync("POST", "/v1/chat/completions", key, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"What is 6 * 7?"}]}""");
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
