using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Answers;

/// <summary>Asks a gateway, whichever it is, by its API.</summary>
internal sealed class GatewayClient : IDisposable
{
    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web) {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly HttpClient _http;

    /// <param name="address">Where it listens.</param>
    /// <param name="key">The key it is called with; null for none.</param>
    /// <param name="timeout">How long a call may take.</param>
    public GatewayClient(Uri address, string? key, TimeSpan timeout)
    {
        var root = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = timeout }) { BaseAddress = root, Timeout = timeout };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>A prompt: its versions, and what its labels name.</summary>
    /// <exception cref="GatewayCallException">There is none, or the gateway cannot be asked.</exception>
    public async Task<PromptInfo> GetPromptAsync(string name, CancellationToken cancellationToken) =>
        Read<PromptInfo>(await SendAsync(HttpMethod.Get, $"prompts/{Uri.EscapeDataString(name)}", null, [], cancellationToken));

    /// <summary>The model that answers where none is asked for.</summary>
    /// <exception cref="GatewayCallException">The gateway cannot be asked.</exception>
    public async Task<string> GetDefaultModelAsync(CancellationToken cancellationToken) =>
        Read<InfoReply>(await SendAsync(HttpMethod.Get, "info", null, [], cancellationToken)).Model;

    /// <summary>An answer to a prompt.</summary>
    /// <exception cref="GatewayCallException">There is none.</exception>
    public async Task<Answer> RunAsync(PromptRun run, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["version"] = run.Version, ["variables"] = new JsonObject(run.Variables.Select(variable => KeyValuePair.Create(variable.Key, (JsonNode?)variable.Value))) };
        if (run.Model is { } model)
        {
            body["model"] = model;
        }

        List<(string, string)> headers = run.UsesCache ? [] : [("X-LlmOps-Cache", "off")];
        if (run.IdempotencyKey is { } key)
        {
            headers.Add(("Idempotency-Key", key));
        }

        var reply = Read<RunReply>(await SendAsync(HttpMethod.Post, $"prompts/{Uri.EscapeDataString(run.Prompt)}/run", body, headers, cancellationToken));
        return new Answer
        {
            Text = reply.Response,
            ToolCalls = [.. (reply.ToolCalls ?? []).Select(call => new AnswerToolCall(call.Function.Name, call.Function.Arguments))],
            Model = reply.Model,
            Provider = reply.Provider,
            FinishReason = reply.FinishReason,
            LatencyMs = reply.ProcessingTimeMs,
            InputTokens = reply.Usage?.PromptTokens,
            OutputTokens = reply.Usage?.CompletionTokens,
            CostUsd = reply.CostUsd,
            RequestId = reply.RequestId,
        };
    }

    /// <summary>The vectors of texts, in their order.</summary>
    /// <param name="model">The embedding model, such as offline-embedding.</param>
    /// <param name="texts">At least one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GatewayCallException">There are none.</exception>
    public async Task<Embeddings> EmbedAsync(string model, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["model"] = model, ["input"] = new JsonArray([.. texts.Select(text => (JsonNode?)text)]), ["encoding_format"] = "base64" };
        var (json, told) = await SendForAsync(HttpMethod.Post, "v1/embeddings", body, [], cancellationToken);
        var vectors = Read<EmbeddingsReply>(json).Data.OrderBy(vector => vector.Index).Select(vector => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(vector.Embedding)).ToArray()).ToList();
        if (vectors.Count != texts.Count)
        {
            throw new GatewayCallException(null, null, $"Model '{model}' gives {vectors.Count} vectors for {texts.Count} texts.");
        }

        // "unpriced" where there is no price.
        var cost = told.TryGetValues("X-LlmOps-Cost-USD", out var given) && decimal.TryParse(given.First(), NumberStyles.Number, CultureInfo.InvariantCulture, out var dollars) ? dollars : (decimal?)null;
        return new Embeddings(vectors, cost);
    }

    /// <summary>Sends JSON and reads JSON.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">From the gateway's root on, without a slash before it.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GatewayCallException">The gateway refuses it, or cannot be reached.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonNode? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellationToken) =>
        (await SendForAsync(method, path, body, headers, cancellationToken)).Json;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<(JsonElement Json, HttpResponseHeaders Headers)> SendForAsync(
        HttpMethod method, string path, JsonNode? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? (JsonElement.Parse(bytes), response.Headers) : throw Refusal(response, bytes);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GatewayCallException(null, null, $"The gateway did not answer within {_http.Timeout.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            throw new GatewayCallException(null, null, $"The gateway at {_http.BaseAddress} cannot be reached: {exception.Message}");
        }
        catch (JsonException)
        {
            throw new GatewayCallException(null, null, $"What answers at {_http.BaseAddress} is no gateway: {path} gives no JSON.");
        }
    }

    // Whatever refuses it, a proxy in between too, has a status.
    private static GatewayCallException Refusal(HttpResponseMessage response, byte[] body)
    {
        var (code, message) = (default(string), default(string));
        try
        {
            var error = JsonElement.Parse(body).GetProperty("error"u8);
            code = error.TryGetProperty("error_code"u8, out var given) || error.TryGetProperty("code"u8, out given) ? given.GetString()?.ToUpperInvariant() : null;
            message = error.GetProperty("message"u8).GetString();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // No gateway's error.
        }

        var status = (int)response.StatusCode;
        var wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - response.Headers.Date : null;
        return new GatewayCallException(status, code, message ?? $"The gateway answered {status}.", wait);
    }

    private static T Read<T>(JsonElement json)
    {
        try
        {
            return json.Deserialize<T>(Names) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new GatewayCallException(null, null, $"What the gateway answers is not understood: {exception.Message}");
        }
    }

    private sealed record InfoReply(string Model);

    private sealed record RunReply(
        string Response, string Model, string Provider, double ProcessingTimeMs, RunUsage? Usage, decimal? CostUsd, string? FinishReason, string RequestId)
    {
        // Not there where there are none.
        public IReadOnlyList<RunToolCall>? ToolCalls { get; init; }
    }

    private sealed record RunUsage(long PromptTokens, long CompletionTokens);

    private sealed record RunToolCall(RunFunction Function);

    private sealed record RunFunction(string Name, string Arguments);

    private sealed record EmbeddingsReply(IReadOnlyList<EmbeddingReply> Data);

    private sealed record EmbeddingReply(int Index, string Embedding);
}
