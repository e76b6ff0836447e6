using System.Globalization;
using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Langfuse;

namespace LlmOps.Evaluator.Publishing;

/// <summary>Datasets, their items, and what experiments on them are there already, by Langfuse's public API.</summary>
internal sealed class LangfuseDatasets(LangfuseApi api, Retries retries)
{
    private const string Root = "api/public";
    private const int PageItems = 100;

    /// <summary>Makes a dataset, unless it is there.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="SinkException">Langfuse cannot be reached.</exception>
    /// <exception cref="BatchRefusedException">It does not take it.</exception>
    public async Task<string> PutAsync(string name, string prompt, CancellationToken cancellationToken)
    {
        var made = await ChangeAsync("v2/datasets", json =>
        {
            json.WriteString("name", name);
            json.WriteString("description", $"Cases of evaluations of the prompt {prompt}.");
        }, cancellationToken);
        return Text(made, "id") ?? throw new SinkException("Langfuse makes a dataset, and does not tell its id.");
    }

    /// <summary>Makes an item of a dataset, or puts what it has now in its place.</summary>
    /// <inheritdoc cref="PutAsync" path="/exception"/>
    public Task PutItemAsync(string dataset, string id, CaseResult of, CancellationToken cancellationToken) => ChangeAsync("dataset-items", json =>
    {
        json.WriteString("datasetName", dataset);
        json.WriteString("id", id);
        json.WritePropertyName("input");
        json.WriteTextMap(of.Variables);
        if (of.Expected is { } expected)
        {
            json.WritePropertyName("expectedOutput");
            expected.WriteTo(json);
        }

        json.WriteStartObject("metadata");
        json.WriteString("case", of.Id);
        json.WriteTexts("tags", of.Tags);
        json.WriteTexts("references", of.References);
        json.WriteNumber("weight", of.Weight);
        json.WriteEndObject();
    }, cancellationToken);

    /// <summary>Adds a trace to a run of a dataset, which is made where there is none (Langfuse 2 and 3).</summary>
    /// <inheritdoc cref="PutAsync" path="/exception"/>
    public Task AddToRunAsync(string run, string description, string item, string trace, CancellationToken cancellationToken) => ChangeAsync("dataset-run-items", json =>
    {
        json.WriteString("runName", run);
        json.WriteString("runDescription", description);
        json.WriteString("datasetItemId", item);
        json.WriteString("traceId", trace);
    }, cancellationToken);

    /// <summary>The traces of a dataset's run (Langfuse 2 and 3); none where there is no such run. One that is added again would be there twice.</summary>
    /// <inheritdoc cref="PutAsync" path="/exception"/>
    public async Task<IReadOnlySet<string>> RunTracesAsync(string dataset, string run, CancellationToken cancellationToken)
    {
        var found = await FindAsync($"datasets/{Uri.EscapeDataString(dataset)}/runs/{Uri.EscapeDataString(run)}", cancellationToken);
        return found is { } json ? Traces(json, "datasetRunItems").ToHashSet() : new HashSet<string>();
    }

    /// <summary>The traces of an experiment (Langfuse 4); none where it is not there. A span that is sent again would be there twice.</summary>
    /// <param name="experiment">Its id.</param>
    /// <param name="since">Not after its begin.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <inheritdoc cref="PutAsync" path="/exception"/>
    public async Task<IReadOnlySet<string>> ExperimentTracesAsync(string experiment, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var traces = new HashSet<string>();
        string? cursor = null;
        do
        {
            var from = Uri.EscapeDataString(since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            var page = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            if (await FindAsync($"experiment-items?experimentId={experiment}&fromStartTime={from}&limit={PageItems}{page}", cancellationToken) is not { } found)
            {
                return traces;
            }

            traces.UnionWith(Traces(found, "data"));
            cursor = found.TryGetProperty("meta", out var meta) ? Text(meta, "cursor") : null;
        }
        while (cursor is not null);

        return traces;
    }

    private Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken) =>
        retries.RunAsync(() => api.FindAsync($"{Root}/{path}", cancellationToken), cancellationToken);

    private Task<JsonElement> ChangeAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var body = LangfuseJson.Object(write);
        return retries.RunAsync(() => api.ChangeAsync(HttpMethod.Post, $"{Root}/{path}", body, cancellationToken), cancellationToken);
    }

    private static IEnumerable<string> Traces(JsonElement json, string list) =>
        json.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray().Select(item => Text(item, "traceId")).OfType<string>() : [];

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
