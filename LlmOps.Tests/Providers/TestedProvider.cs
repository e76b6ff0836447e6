using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Anthropic;
using LlmOps.Gateway.Providers.Gemini;
using LlmOps.Gateway.Providers.Ollama;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Tests.Contracts;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>A provider with its fake, so that what holds for all of them is tested with all of them.</summary>
/// <param name="Name">The known provider.</param>
/// <param name="Model">A model of it, as callers name it.</param>
/// <param name="BasePath">Where its API begins on the fake server.</param>
internal sealed record TestedProvider(string Name, string Model, string BasePath)
{
    public static readonly TestedProvider OpenAI = new("openai", "gpt-4o-mini", "v1")
    {
        Contract = () => ContractCheck.OpenAI,
        Handler = answer => FakeOpenAI.Handler(answer, GatewayApplication.ProviderKey),
        Reply = FakeOpenAI.Reply,
        StreamEvents = answer => [.. FakeOpenAI.Chunks(answer, includeUsage: true).Append("[DONE]").Select(Data)],
        Error = (status, message) => FakeOpenAI.Error(status, message),
        InStreamError = Data(FakeErrors.OpenAI("The server had an error", "server_error")),
        Create = (root, options) => new OpenAIProtocol("openai", root, options, new ProviderKeys(options.ApiKey, TimeProvider.System), askForUsage: true, TimeProvider.System),
    };

    public static readonly TestedProvider Groq = OpenAI with
    {
        Name = "groq",
        Model = "groq-kimi-primary",
        BasePath = "openai/v1",
        Handler = answer => FakeOpenAI.Handler(answer, GatewayApplication.ProviderKey, "/openai/v1/chat/completions"),
    };

    public static readonly TestedProvider OpenRouter = OpenAI with
    {
        Name = "openrouter",
        Model = "openrouter-fallback",
        BasePath = "api/v1",
        Handler = answer => FakeOpenAI.Handler(answer, GatewayApplication.ProviderKey, "/api/v1/chat/completions"),
    };

    public static readonly TestedProvider Gemini = new("gemini", "gemini-2.5-pro", "v1beta")
    {
        Contract = () => ContractCheck.Gemini,
        Handler = answer => FakeGemini.Handler(answer, GatewayApplication.ProviderKey),
        Reply = FakeGemini.Reply,
        StreamEvents = answer => [.. FakeGemini.Chunks(answer).Select(Data)],
        Error = (status, message) => FakeGemini.Error(status, message),
        InStreamError = Data(FakeErrors.Gemini(500, "Internal error encountered.", "INTERNAL")),
        Create = (root, options) => new GeminiProtocol("gemini", root, new ProviderKeys(options.ApiKey, TimeProvider.System), TimeProvider.System),
    };

    public static readonly TestedProvider Anthropic = new("anthropic", "claude-sonnet", "v1")
    {
        Contract = () => ContractCheck.Anthropic,
        Handler = answer => FakeAnthropic.Handler(answer, GatewayApplication.ProviderKey),
        Reply = FakeAnthropic.Reply,
        StreamEvents = answer => [.. FakeAnthropic.Chunks(answer).Select(chunk => chunk.Text)],
        Error = (status, message) => FakeAnthropic.Error(status, message),
        InStreamError = FakeAnthropic.ErrorEvent().Text,
        Create = (root, options) => new AnthropicProtocol("anthropic", root, new ProviderKeys(options.ApiKey, TimeProvider.System), TimeProvider.System),
    };

    public static readonly TestedProvider Ollama = new("ollama", "llama3.2", "")
    {
        Contract = () => ContractCheck.Ollama,
        Handler = answer => FakeOllama.Handler(answer, apiKey: null, "llama3.2"),
        Reply = FakeOllama.Reply,
        StreamEvents = answer => [.. FakeOllama.Chunks(answer).Select(line => line + "\n")],
        Error = (status, message) => FakeOllama.Error(status, message),
        InStreamError = FakeErrors.Plain("model runner has unexpectedly stopped") + "\n",
        Create = (root, options) => new OllamaProtocol("ollama", root, options, new ProviderKeys(options.ApiKey, TimeProvider.System), TimeProvider.System),
    };

    public static IReadOnlyList<TestedProvider> All { get; } = [OpenAI, Groq, OpenRouter, Gemini, Anthropic, Ollama];

    /// <summary>One provider of each protocol.</summary>
    public static IReadOnlyList<TestedProvider> Protocols { get; } = [OpenAI, Gemini, Anthropic, Ollama];

    /// <summary>The published description of its API; null where LLMOPS_CONTRACTS does not name it.</summary>
    public required Func<ContractCheck?> Contract { get; init; }

    /// <summary>A server that refuses what the provider refuses.</summary>
    public required Func<Func<ReceivedRequest, FakeAnswer>, Func<ReceivedRequest, FakeReply>> Handler { get; init; }

    /// <summary>An unstreamed answer.</summary>
    public required Func<FakeAnswer, FakeReply> Reply { get; init; }

    /// <summary>The events of a streamed answer, each with its exact bytes as text.</summary>
    public required Func<FakeAnswer, IReadOnlyList<string>> StreamEvents { get; init; }

    /// <summary>An error of the provider.</summary>
    public required Func<int, string, FakeReply> Error { get; init; }

    /// <summary>An event that tells an error in the middle of a stream.</summary>
    public required string InStreamError { get; init; }

    /// <summary>The protocol, for a root address and settings.</summary>
    public required Func<Uri, ProviderOptions, IChatProtocol> Create { get; init; }

    public static TestedProvider Named(string name) => All.Single(provider => provider.Name == name);

    /// <summary>The protocol, towards a fake server.</summary>
    public IChatProtocol Protocol(Uri server) =>
        Create(new Uri(server, BasePath.Length == 0 ? "" : BasePath + "/"), new ProviderOptions { ApiKey = new Secret(GatewayApplication.ProviderKey) });

    /// <summary>A stream that sends these events and no end of its own.</summary>
    public FakeReply Stream(IEnumerable<string> events) => events.Aggregate(
        FakeReply.Head(200, ("Content-Type", this == Ollama ? "application/x-ndjson" : "text/event-stream")).Chunked(), (reply, text) => reply.Piece(text));

    /// <summary>The beginning of a streamed answer: what comes before its first content, and "one ".</summary>
    public FakeReply Begun()
    {
        var events = StreamEvents(FakeAnswer.Text("one ", "two "));
        return Stream(events.Take(events.ToList().FindIndex(text => text.Contains("one ", StringComparison.Ordinal)) + 1));
    }

    /// <summary>Whether a request is one for this provider.</summary>
    public bool Owns(ReceivedRequest request) => Name switch
    {
        "gemini" => request.Path.StartsWith("/v1beta/", StringComparison.Ordinal),
        "anthropic" => request.Path == "/v1/messages",
        "ollama" => request.Path.StartsWith("/api/", StringComparison.Ordinal) && !request.Path.StartsWith("/api/v1/", StringComparison.Ordinal),
        _ => request.Path == $"/{BasePath}/chat/completions" || request.Path == $"/{BasePath}/embeddings",
    };

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string Data(string data) => $"data: {data}\n\n";
}
