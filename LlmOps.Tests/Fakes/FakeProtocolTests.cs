using System.Text;
using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>What the tests of a fake protocol have in common: a server and a plain client of it.</summary>
public abstract class FakeProtocolTests : IAsyncLifetime
{
    protected const string Key = "key-0123456789";

    private protected FakeServer Server { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();

    private protected async Task<(int Status, string Text, HttpResponseMessage Response)> SendAsync(
        string path, string? body, params (string Name, string Value)[] headers)
    {
        using HttpClient client = new() { BaseAddress = Server.BaseAddress };
        using HttpRequestMessage request = new(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers)
            request.Headers.Add(name, value);
        HttpResponseMessage response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    protected static JsonElement Parse(string json) => JsonElement.Parse(json);
}
