using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Otlp;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>The parts of Langfuse's public API that are used here.</summary>
internal sealed class LangfuseApi : IDisposable
{
    private const string Json = "application/json";
    private const string Prompts = "api/public/v2/prompts";
    private const string ShownName = "Langfuse";

    private readonly SinkHttp _http;

    private LangfuseApi(SinkHttp http) => _http = http;

    /// <summary>The API of a project; null where a key is missing.</summary>
    /// <param name="options">Where it is, and the project's keys.</param>
    /// <param name="timeout">Longest time of a request.</param>
    public static LangfuseApi? Of(LangfuseOptions options, TimeSpan timeout) =>
        options is { PublicKey: { } user, SecretKey: { } password }
            ? new LangfuseApi(new SinkHttp(ShownName, options.Host, timeout, SinkHttp.Basic(user, password.Reveal())))
            : null;

    /// <summary>Asks for the server's version.</summary>
    /// <exception cref="SinkException">It cannot be reached, or is no Langfuse.</exception>
    public async Task<LangfuseVersion> FindVersionAsync(CancellationToken cancellationToken)
    {
        const string Path = "api/public/health";
        var (status, body) = await _http.SendAsync(HttpMethod.Get, Path, default, Json, compress: false, prepare: null, cancellationToken);
        return status == HttpStatusCode.OK && LangfuseVersion.Parse(Text(Read(body), "version")) is { } version
            ? version
            : throw new SinkException($"{ShownName} does not say its version: GET /{Path} answers {(int)status}: {SinkHttp.Shown(body)}");
    }

    /// <summary>Sends a batch of ingestion events.</summary>
    /// <returns>What is said of each of them.</returns>
    /// <exception cref="SinkException">None of them, or no one knows which, were taken.</exception>
    /// <exception cref="BatchRefusedException">It does not take this batch.</exception>
    public async Task<JsonElement> IngestAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        const string Path = "api/public/ingestion";
        var (status, body) = await _http.SendAsync(HttpMethod.Post, Path, batch, Json, compress: false, prepare: null, cancellationToken);
        return status is HttpStatusCode.MultiStatus or HttpStatusCode.OK ? Read(body) : throw Unexpected(Path, status, body);
    }

    /// <summary>Sends spans.</summary>
    /// <param name="spans">An ExportTraceServiceRequest.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="SinkException">They were not taken.</exception>
    /// <exception cref="BatchRefusedException">One of them at least is at fault, and none was taken.</exception>
    public async Task ExportAsync(ReadOnlyMemory<byte> spans, CancellationToken cancellationToken)
    {
        const string Path = "api/public/otel/v1/traces";
        var (status, body) = await _http.SendAsync(
            HttpMethod.Post, Path, spans, OtlpEncoder.ContentType, compress: true, headers => headers.Add("x-langfuse-ingestion-version", "4"), cancellationToken);
        if ((int)status >= 300)
        {
            throw Unexpected(Path, status, body);
        }
    }

    /// <summary>Asks for something.</summary>
    /// <param name="path">Below the server's address, with its query.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="SinkException">It cannot be reached.</exception>
    /// <exception cref="BatchRefusedException">It does not take the question.</exception>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var (status, body) = await _http.SendAsync(HttpMethod.Get, path, default, Json, compress: false, prepare: null, cancellationToken);
        return status == HttpStatusCode.OK ? Read(body) : null;
    }

    /// <summary>Makes or changes something.</summary>
    /// <param name="method">POST or PATCH.</param>
    /// <param name="path">Below the server's address.</param>
    /// <param name="body">A JSON object.</param>
    /// <param name="cancellationToken">Gives it up; it may be done all the same.</param>
    /// <exception cref="SinkException">It cannot be reached, or has no such path.</exception>
    /// <exception cref="BatchRefusedException">It does not take it.</exception>
    public async Task<JsonElement> ChangeAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (status, answer) = await _http.SendAsync(method, path, body, Json, compress: false, prepare: null, cancellationToken);
        return (int)status < 300 ? Read(answer) : throw Unexpected(path, status, answer);
    }

    /// <summary>The version of a prompt that a label names; null where there is none.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<StoredPrompt?> FindPromptAsync(string name, string label, CancellationToken cancellationToken) =>
        await FindAsync($"{Prompts}/{Uri.EscapeDataString(name)}?label={Uri.EscapeDataString(label)}", cancellationToken) is { } found ? StoredPrompt.Of(found) : null;

    /// <summary>Makes a new version of a prompt.</summary>
    /// <exception cref="SinkException">It cannot be reached.</exception>
    /// <exception cref="BatchRefusedException">It does not take it.</exception>
    public async Task<StoredPrompt> CreatePromptAsync(ReadOnlyMemory<byte> prompt, CancellationToken cancellationToken) =>
        StoredPrompt.Of(await ChangeAsync(HttpMethod.Post, Prompts, prompt, cancellationToken));

    /// <summary>Has labels name a version, which they leave others for.</summary>
    /// <inheritdoc cref="CreatePromptAsync" path="/exception"/>
    public async Task<StoredPrompt> MoveLabelsAsync(string name, int version, ReadOnlyMemory<byte> labels, CancellationToken cancellationToken) =>
        StoredPrompt.Of(await ChangeAsync(HttpMethod.Patch, FormattableString.Invariant($"{Prompts}/{Uri.EscapeDataString(name)}/versions/{version}"), labels, cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static SinkException Unexpected(string path, HttpStatusCode status, byte[] body) => new(status == HttpStatusCode.NotFound
        ? $"{ShownName} has no /{path} (404): Gateway:Telemetry:Langfuse:Host may be another server, or one behind a path"
        : $"{ShownName} answers {(int)status} at /{path}: {SinkHttp.Shown(body)}");

    private static JsonElement Read(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException exception)
        {
            throw new SinkException($"{ShownName} answers what is no JSON: {SinkHttp.Shown(body)}", exception);
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
