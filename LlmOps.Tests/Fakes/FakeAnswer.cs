using System.Diagnostics.CodeAnalysis;

namespace LlmOps.Tests.Fakes;

/// <summary>
/// A chat completion as a test describes it, in OpenAI's terms; <see cref="FakeOpenAI"/>, <see cref="FakeGemini"/>,
/// <see cref="FakeAnthropic"/> and <see cref="FakeOllama"/> speak it unstreamed and streamed.
/// </summary>
/// <remarks>The Extra properties hold a JSON object whose fields are added as vendors do, replacing those of the same name.</remarks>
internal sealed record FakeAnswer
{
    /// <summary>The id and the model that no test has chosen: another provider puts its own in their place.</summary>
    public const string DefaultId = "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", DefaultModel = "gpt-4o-mini-2024-07-18";

    public string Id { get; init; } = DefaultId;

    public string Model { get; init; } = DefaultModel;

    public long Created { get; init; } = 1_741_570_283;

    /// <summary>Left out when null, as by most servers that only imitate OpenAI.</summary>
    public string? SystemFingerprint { get; init; } = "fp_fc9f1d7035";

    /// <inheritdoc cref="SystemFingerprint"/>
    public string? ServiceTier { get; init; } = "default";

    public IReadOnlyList<FakeChoice> Choices { get; init; } = [new FakeChoice()];

    /// <summary>Null for a server that never reports usage.</summary>
    public FakeUsage? Usage { get; init; } = new(PromptTokens: 19, CompletionTokens: 10);

    /// <summary>Where reasoning text goes: "reasoning_content" (DeepSeek, vLLM) or "reasoning" (OpenRouter, Groq).</summary>
    public string ReasoningField { get; init; } = "reasoning_content";

    /// <summary>Gives the tool calls of Gemini and Ollama ids; their older versions send none.</summary>
    public bool CallIds { get; init; }

    /// <summary>Pads the chunks with an <c>obfuscation</c> string, as OpenAI does unless asked not to.</summary>
    public bool Obfuscation { get; init; }

    /// <summary>Fields of the completion and of every chunk.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Extra { get; init; }

    /// <summary>Fields of the chunks with a finish reason only, such as Groq's <c>x_groq</c>.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? FinishChunkExtra { get; init; }

    /// <summary>One choice with this text, streamed delta by delta.</summary>
    public static FakeAnswer Text(params string[] deltas) => Of(new FakeChoice { Content = deltas });

    /// <summary>One choice that calls tools.</summary>
    public static FakeAnswer Calls(params FakeToolCall[] calls) => Of(new FakeChoice { ToolCalls = calls });

    /// <summary>Several choices, as for <c>n</c> above 1.</summary>
    public static FakeAnswer Of(params FakeChoice[] choices) => new() { Choices = choices };

    /// <summary>This answer with a provider's own id and model wherever the test has chosen none.</summary>
    public FakeAnswer Named(string id, string model) => this with
    {
        Id = Id == DefaultId ? id : Id,
        Model = Model == DefaultModel ? model : Model,
    };
}

/// <summary>One choice; its texts are lists of the deltas in which they are streamed.</summary>
internal sealed record FakeChoice
{
    public IReadOnlyList<string> Content { get; init; } = [];

    public IReadOnlyList<string> Reasoning { get; init; } = [];

    /// <summary>
    /// Anthropic's signature of the reasoning, made up from it when null; Gemini's <c>thoughtSignature</c> of the text,
    /// left out when null.
    /// </summary>
    public string? ReasoningSignature { get; init; }

    /// <summary>Only OpenAI keeps it apart from the content.</summary>
    public IReadOnlyList<string> Refusal { get; init; } = [];

    public IReadOnlyList<FakeToolCall> ToolCalls { get; init; } = [];

    /// <summary>One token per content delta, or none.</summary>
    public IReadOnlyList<FakeLogprob> Logprobs { get; init; } = [];

    /// <summary>
    /// By default "tool_calls" when there are any and "stop" otherwise. Other providers send their word for OpenAI's
    /// "stop", "length", "tool_calls" and "content_filter", and any other word as it is.
    /// </summary>
    public string FinishReason
    {
        get => field ?? (ToolCalls.Count > 0 ? "tool_calls" : "stop");
        init;
    }

    /// <summary>Fields of the choice itself, streamed with the finish reason, such as <c>native_finish_reason</c>.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Extra { get; init; }

    /// <summary>Fields of the message, streamed with the role.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? MessageExtra { get; init; }
}

/// <summary>A call of a function tool, its arguments in the fragments in which they are streamed.</summary>
internal sealed record FakeToolCall(string Id, string Name, params IReadOnlyList<string> Arguments)
{
    /// <summary>Gemini's <c>thoughtSignature</c>, which it wants back with the call.</summary>
    public string? Signature { get; init; }
}

/// <summary>A token with its log probability and the alternatives to it.</summary>
internal sealed record FakeLogprob(string Token, double Logprob, params IReadOnlyList<FakeLogprob> Top);

/// <summary>Usage as OpenAI counts it: tokens read from or written to a cache are prompt tokens too, reasoning tokens are completion tokens too.</summary>
internal sealed record FakeUsage(int PromptTokens, int CompletionTokens, int CachedTokens = 0, int ReasoningTokens = 0)
{
    /// <summary>Tokens that were written to the cache; only Anthropic tells.</summary>
    public int CacheWriteTokens { get; init; }

    /// <summary>False for a server that reports the totals only.</summary>
    public bool Details { get; init; } = true;

    /// <summary>Further fields, such as OpenRouter's <c>cost</c>.</summary>
    [StringSyntax(StringSyntaxAttribute.Json)]
    public string? Extra { get; init; }
}
