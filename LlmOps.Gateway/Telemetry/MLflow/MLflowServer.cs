using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Otlp;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>MLflow's tracking server: its REST API, its artifacts and its receiver of traces. Stands in for a client, of which .NET has none.</summary>
internal sealed class MLflowServer(SinkHttp http) : IDisposable
{
    /// <summary>The error of what is not there.</summary>
    public const string NotThere = "RESOURCE_DOES_NOT_EXIST";

    /// <summary>The error of a name that is taken.</summary>
    public const string Exists = "RESOURCE_ALREADY_EXISTS";

    /// <summary>The error of a value that is not taken.</summary>
    public const string Invalid = "INVALID_PARAMETER_VALUE";

    private const string Api = "api/2.0/mlflow/";
    private const string Artifacts = "api/2.0/mlflow-artifacts/artifacts/";
    private const string Json = "application/json";
    private const string HostRefusal = "Invalid Host header";
    private const string ProxiedArtifacts = "mlflow-artifacts:/";
    private const string NoArtifacts = "serve-artifacts";

    // The first with /v1/traces.
    private static readonly Version FirstWithTraces = new(3, 6);

    /// <summary>That of the settings.</summary>
    /// <param name="options">Has the credential.</param>
    /// <param name="address">The server's address.</param>
    /// <param name="timeout">Longest time of a request.</param>
    public static MLflowServer Of(MLflowOptions options, Uri address, TimeSpan timeout) =>
        new(new SinkHttp("mlflow", address, timeout, options.Username is { } user ? SinkHttp.Basic(user, options.Password?.Reveal() ?? "") : null));

    /// <summary>Calls the REST API.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">Below /api/2.0/mlflow/, with its query.</param>
    /// <param name="body">What to send; empty for none.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="SinkException">It cannot be reached, is busy or broken, does not let us in, or is no MLflow.</exception>
    public async Task<MLflowReply> CallAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(method, Api + path, body, Json, compress: false, experiment: null, cancellationToken);
        if (!answer.IsSuccess && http.Failure(answer) is SinkException failure)
        {
            throw failure;
        }

        try
        {
            var json = JsonNode.Parse(answer.Body)?.AsObject() ?? [];
            return (answer.IsSuccess, json["error_code"]?.GetValue<string>()) switch
            {
                (true, _) => new MLflowReply(json, Error: null, Message: null),
                (false, { } code) => new MLflowReply(json, code, json["message"]?.ToString()),
                _ => throw NoMLflow(answer, cause: null),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw NoMLflow(answer, exception);
        }
    }

    /// <summary>Calls the REST API with a body.</summary>
    /// <inheritdoc cref="CallAsync" path="/exception"/>
    public Task<MLflowReply> PostAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body), cancellationToken);

    /// <summary>Whether it may receive traces: MLflow 3.6 and later, and what does not say its version.</summary>
    public async Task<bool> HasTracesAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(HttpMethod.Get, "version", default, Json, compress: false, experiment: null, cancellationToken);
        if (!answer.IsSuccess && http.Failure(answer) is SinkException failure)
        {
            throw failure;
        }

        // 3.7.0, or 3.8.0.dev0
        var parts = SinkHttp.Shown(answer.Body).Split('.');
        if (answer.IsSuccess && parts.Length > 1 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var major) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var minor))
        {
            return new Version(major, minor) >= FirstWithTraces;
        }

        // What stands before it may answer in its place for a moment: such an answer says nothing, and spans that are sent find out.
        return answer.IsSuccess;
    }

    /// <summary>Writes an artifact of a run, in place of one that is there.</summary>
    /// <param name="artifacts">Where the run's artifacts are, as MLflow names it.</param>
    /// <param name="path">The artifact's path within the run.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Whether the run's artifacts are written through the server, and it keeps them.</returns>
    public async Task<bool> PutAsync(string artifacts, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!artifacts.StartsWith(ProxiedArtifacts, StringComparison.Ordinal))
        {
            return false;
        }

        var segments = string.Join('/', $"{artifacts[ProxiedArtifacts.Length..].Trim('/')}/{path}".Split('/').Select(Uri.EscapeDataString));
        var answer = await AskAsync(HttpMethod.Put, Artifacts + segments, content, "application/octet-stream", compress: false, experiment: null, cancellationToken);
        return answer.IsSuccess || (SinkHttp.Shown(answer.Body).Contains(NoArtifacts, StringComparison.Ordinal) ? false : throw http.Failure(answer));
    }

    /// <summary>Sends spans.</summary>
    /// <param name="experiment">The experiment's id.</param>
    /// <param name="spans">As <see cref="OtlpEncoder"/> writes them.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Whether the server has a place for them: an old one does not know them, and one that stores in files cannot keep them.</returns>
    /// <exception cref="BatchRefusedException">It does not take these.</exception>
    public async Task<bool> SendSpansAsync(string experiment, ReadOnlyMemory<byte> spans, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(HttpMethod.Post, "v1/traces", spans, OtlpEncoder.ContentType, compress: true, experiment, cancellationToken);
        return answer.IsSuccess || ((int)answer.Status is 404 or 405 or 501 ? false : throw http.Failure(answer));
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<SinkAnswer> AskAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, string type, bool compress, string? experiment, CancellationToken cancellationToken)
    {
        var answer = await http.AskAsync(
            method, path, body, type, compress, experiment is null ? null : headers => headers.TryAddWithoutValidation("x-mlflow-experiment-id", experiment), cancellationToken);
        return (int)answer.Status == 403 && SinkHttp.Shown(answer.Body).Contains(HostRefusal, StringComparison.Ordinal)
            ? throw new SinkException("mlflow refuses the host name of Gateway:Telemetry:MLflow:TrackingUri (MLFLOW_TRACKING_URI): start its server with --allowed-hosts (or MLFLOW_SERVER_ALLOWED_HOSTS) that names it, with its port, such as mlflow:5000.")
            : answer;
    }

    private static SinkException NoMLflow(SinkAnswer answer, Exception? cause) =>
        new($"mlflow's address does not answer as MLflow does ({(int)answer.Status}): {SinkHttp.Shown(answer.Body)}", cause);
}

/// <summary>What the REST API answers.</summary>
/// <param name="Body">The JSON.</param>
/// <param name="Error">The error's code, such as RESOURCE_DOES_NOT_EXIST; null for none.</param>
/// <param name="Message">The error in words.</param>
internal sealed record MLflowReply(JsonObject Body, string? Error, string? Message)
{
    /// <summary>A text of the body.</summary>
    /// <param name="what">What was asked for, such as "make a run".</param>
    /// <param name="path">The names that lead to it.</param>
    /// <exception cref="SinkException">The answer is an error, or has no such text.</exception>
    public string Text(string what, params ReadOnlySpan<string> path)
    {
        ThrowIfError(what);
        JsonNode? node = Body;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node?.ToString() ?? throw new SinkException($"mlflow does not {what}: its answer has no {string.Join('.', path!)}");
    }

    /// <summary>Does nothing where it is no error.</summary>
    /// <exception cref="SinkException">It is one.</exception>
    public void ThrowIfError(string what)
    {
        if (Error is not null)
        {
            throw new SinkException($"mlflow does not {what}: {Error}: {Message}");
        }
    }
}
