using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Contracts;

/// <summary>Holds the requests of our adapters against a provider's contract. The published ones are read where LLMOPS_CONTRACTS names their folder.</summary>
internal sealed class ContractCheck
{
    // The spec is a third party's; Google's own pages know more: https://ai.google.dev/gemini-api/docs/media-resolution,
    // and the model, which each request of a batchEmbedContents repeats: https://ai.google.dev/api/embeddings
    private static readonly Dictionary<string, string[]> GeminiExtra = new()
    {
        ["GenerationConfig"] = ["mediaResolution"],
        ["Part"] = ["mediaResolution"],
        ["EmbedContentRequest"] = ["model"],
    };

    // Ollama's spec lags behind its server, api/types.go: ChatRequest's truncate and shift; a message's tool_name and
    // tool_call_id, by which a result finds its call's id; thinking, which is in the spec's answers only.
    private static readonly Dictionary<string, string[]> OllamaExtra = new()
    {
        ["ChatRequest"] = ["truncate", "shift"],
        ["ChatMessage"] = ["tool_name", "tool_call_id", "thinking"],
        ["ToolCall"] = ["id"],
    };

    private static readonly Dictionary<string, string[]> NoExtra = [];

    private static readonly Lazy<ContractCheck?> LazyGemini = new(() => Read(ContractFolder.Gemini, isClosed: true, GeminiExtra));
    private static readonly Lazy<ContractCheck?> LazyOllama = new(() => Read(ContractFolder.Ollama, isClosed: true, OllamaExtra));

    // Vendors add fields to OpenAI's, and have their own bases.
    private static readonly Lazy<ContractCheck?> LazyOpenAI = new(() => Read(ContractFolder.OpenAI, isClosed: false, NoExtra, @"((/[\w-]+)*/(v[0-9]\w*|openai))?"));
    private static readonly Lazy<ContractCheck?> LazyQdrant = new(() => Read(ContractFolder.Qdrant, isClosed: true, NoExtra));
    private static readonly Lazy<ContractCheck?> LazyTei = new(() => Read(ContractFolder.Tei, isClosed: true, NoExtra, "(/tei)?"));
    private static readonly Lazy<ContractCheck> LazyAnthropic = new(() => new ContractCheck(JsonElement.Parse(AnthropicContract.Document), isClosed: true, NoExtra));

    private static readonly Lazy<ContractCheck?> LazyLangfuse2 = new(() => Read(ContractFolder.Langfuse2, isClosed: true, NoExtra, amend: AnyNumber));
    private static readonly Lazy<ContractCheck?> LazyLangfuse3 = new(() => Read(ContractFolder.Langfuse3, isClosed: true, NoExtra, amend: AnyNumber));
    private static readonly Lazy<ContractCheck?> LazyLangfuse4 = new(() => Read(ContractFolder.Langfuse4, isClosed: true, NoExtra, amend: AnyNumber));

    private readonly ContractSchema _schema;
    private readonly List<(Regex Pattern, string Template, JsonElement Operations)> _paths;

    /// <param name="document">An OpenAPI document.</param>
    /// <param name="isClosed">A property that the contract does not name is a fault.</param>
    /// <param name="extra">Further properties by the name of the component schema that takes them.</param>
    /// <param name="prefix">A regular expression of what may stand before the document's paths.</param>
    public ContractCheck(JsonElement document, bool isClosed, IReadOnlyDictionary<string, string[]> extra, string prefix = "")
    {
        _schema = new ContractSchema(document, isClosed, extra);

        // The template that says most in plain words is the one that is meant.
        _paths = [.. document.GetProperty("paths").EnumerateObject()
            .OrderByDescending(path => Regex.Replace(path.Name, @"\{[^}]*\}", "").Length)
            .Select(path => (Template(prefix, path.Name), path.Name, path.Value))];
    }

    /// <summary>Gemini's native API; null where the spec is missing.</summary>
    public static ContractCheck? Gemini => LazyGemini.Value;

    /// <summary>Ollama's native API; null where the spec is missing.</summary>
    public static ContractCheck? Ollama => LazyOllama.Value;

    /// <summary>OpenAI's API under any base that ends in a version; null where the spec is missing.</summary>
    public static ContractCheck? OpenAI => LazyOpenAI.Value;

    /// <summary>Qdrant's REST API; null where the spec is missing.</summary>
    public static ContractCheck? Qdrant => LazyQdrant.Value;

    /// <summary>Text Embeddings Inference; null where the spec is missing.</summary>
    public static ContractCheck? Tei => LazyTei.Value;

    /// <summary>Anthropic's Messages API, from <see cref="AnthropicContract"/>.</summary>
    public static ContractCheck Anthropic => LazyAnthropic.Value;

    /// <summary>Langfuse's public API in a major version; null where the spec is missing.</summary>
    public static ContractCheck? Langfuse(int major) => (major switch { 2 => LazyLangfuse2, 3 => LazyLangfuse3, _ => LazyLangfuse4 }).Value;

    /// <summary>Every fault of a request, as <c>path: what is wrong</c>; none for a valid one.</summary>
    /// <param name="method">The HTTP method, in capitals.</param>
    /// <param name="path">The path; a query is ignored.</param>
    /// <param name="body">The JSON body; left out for a request without one.</param>
    public IReadOnlyList<string> Faults(string method, string path, JsonElement body = default)
    {
        path = path.Split('?')[0];
        var matches = _paths.Where(known => known.Pattern.IsMatch(path)).ToList();
        if (matches.Count == 0)
        {
            return [$"{path}: is no path of the contract"];
        }

        var (_, template, operations) = matches[0];
        if (!operations.TryGetProperty(method.ToLowerInvariant(), out var operation))
        {
            return [$"{path}: {template} has no {method}"];
        }

        return [.. Body(operation, body).Select(fault => fault.ToString())];
    }

    private IEnumerable<SchemaFault> Body(JsonElement operation, JsonElement body)
    {
        var isThere = body.ValueKind != JsonValueKind.Undefined;
        if (!operation.TryGetProperty("requestBody", out var request))
        {
            return isThere ? [new("body", "is sent where none is taken")] : [];
        }

        request = _schema.Resolve(request);
        if (!isThere)
        {
            return request.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.True ? [new("body", "is missing")] : [];
        }

        return request.GetProperty("content").TryGetProperty("application/json", out var json)
            ? json.TryGetProperty("schema", out var schema) ? _schema.Faults(schema, body) : []
            : [new("body", "is JSON where none is taken")];
    }

    private static ContractCheck? Read(string file, bool isClosed, IReadOnlyDictionary<string, string[]> extra, string prefix = "", Func<string, string>? amend = null)
    {
        if (ContractFolder.Find(file) is not { } path)
        {
            return null;
        }

        // JSON is read as such: a quoted YAML scalar knows fewer escapes.
        var text = File.ReadAllText(path);
        text = amend?.Invoke(text) ?? text;
        return new(file.EndsWith(".json", StringComparison.Ordinal) ? JsonElement.Parse(text) : YamlJson.Parse(text), isClosed, extra, prefix);
    }

    // A model's parameter may be any number in Langfuse's code; of its specs the first has no fractions, and of the others a whole
    // number fits two forms where one is demanded.
    private static string AnyNumber(string spec) =>
        spec.Replace("title: MapValue\n      oneOf:\n", "title: MapValue\n      anyOf:\n        - type: number\n", StringComparison.Ordinal);

    private static Regex Template(string prefix, string template) =>
        new($@"\A{prefix}{Regex.Replace(Regex.Escape(template), @"\\\{[^}]*}", "[^/]+")}\z", RegexOptions.CultureInvariant);
}
