using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>Who administers a running gateway that was started with <see cref="SubjectList.AdministratorKey"/>.</summary>
internal sealed class Administrator : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="port">Where the gateway listens.</param>
    public Administrator(int port)
    {
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", SubjectList.AdministratorKey);
    }

    /// <summary>Sends a request and returns its answer; nothing where it conflicts with what is there already.</summary>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, cancellationToken);

        // A user who was made at an earlier start is still there.
        return response.StatusCode == HttpStatusCode.Conflict ? default
            : response.IsSuccessStatusCode
            ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
            : throw new BenchmarkException($"{method} {path} is answered with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>Moves the label production of a prompt.</summary>
    /// <exception cref="BenchmarkException">The gateway refuses.</exception>
    public Task MoveAsync(string prompt, int version, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"/admin/prompts/{prompt}/labels/production", new { version = $"v{version}" }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
