using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Reads GenerateContentResponses: the one of an unstreamed answer, or those of a stream, which has no terminal event.</summary>
internal sealed class GeminiReader(ProviderErrors errors, GatewayChatOptions options, DateTimeOffset now) : IChatStreamReader
{
    private readonly StringBuilder _text = new();
    private string? _id;
    private string? _model;
    private string? _finishReason;
    private string? _textSignature;
    private JsonElement? _grounding;
    private JsonElement? _usage;
    private JsonElement? _recited;
    private bool _begun;
    private bool _hasContent;
    private bool _hasCalls;

    /// <inheritdoc/>
    public bool Ended => false;

    /// <summary>Whether there was any candidate.</summary>
    public bool HasCandidate { get; private set; }

    /// <inheritdoc/>
    public ChatResponseUpdate? Read(StreamEvent received)
    {
        if (received.Data.IsEmpty)
        {
            return null;
        }

        using var document = errors.Parse(received.Data);
        return Read(document.RootElement);
    }

    /// <summary>The typed form of one response.</summary>
    public ChatResponseUpdate? Read(JsonElement root)
    {
        _id ??= WireJson.Text(root, "responseId") ?? ProviderAnswer.NewId();
        _model ??= WireJson.Text(root, "modelVersion");

        // Usage is cumulative: the last one is the answer's.
        var usage = WireJson.Member(root, "usageMetadata");
        _usage = usage?.Clone() ?? _usage;
        if (WireJson.Items(root, "candidates").FirstOrDefault() is not { ValueKind: JsonValueKind.Object } candidate)
        {
            // A prompt that is blocked has an answer without candidates, under a 200.
            return WireJson.Text(WireJson.Member(root, "promptFeedback"), "blockReason") is { } reason ? throw errors.Refused(reason) : null;
        }

        HasCandidate = true;
        var contents = new List<AIContent>();
        foreach (var part in WireJson.Items(WireJson.Member(candidate, "content"), "parts"))
        {
            ReadPart(part, contents);
        }

        ReadLogprobs(candidate, contents);
        _finishReason = WireJson.Text(candidate, "finishReason") ?? _finishReason;
        _grounding = WireJson.Member(candidate, "groundingMetadata")?.Clone() ?? _grounding;
        _recited = WireJson.Member(candidate, "citationMetadata")?.Clone() ?? _recited;
        _hasContent |= contents.Count > 0;
        if (contents.Count == 0)
        {
            return null;
        }

        // Told with every chunk: what a stream that is cut has used is billed all the same.
        contents.AddRange(usage is null ? [] : UsageContents());
        return Update(contents);
    }

    /// <inheritdoc/>
    public ChatResponseUpdate? End()
    {
        if (_finishReason is null)
        {
            throw errors.Interrupted();
        }

        var reason = FinishReason(_finishReason);
        if (reason == OtherReason && !_hasContent)
        {
            // Nothing but a reason that is no answer, such as a tool call that the model got wrong.
            throw errors.Failed(_finishReason);
        }

        List<AIContent> contents = [];
        var text = _grounding is null && _recited is null ? "" : _text.ToString();
        if (GeminiCitations.Grounded(_grounding, text).Concat(GeminiCitations.Recited(_recited, text)).ToList() is { Count: > 0 } citations)
        {
            contents.Add(new TextContent("") { Annotations = [.. citations] });
        }

        AddGooglesOwn(contents);
        contents.AddRange(UsageContents());
        var last = Update(contents);
        last.FinishReason = reason;
        last.AdditionalProperties = new() { [MessageProperties.NativeFinishReason] = _finishReason };
        return last;
    }

    private static readonly ChatFinishReason OtherReason = new("other");

    private ChatFinishReason FinishReason(string reason) => reason switch
    {
        // A tool call ends with STOP like any other answer.
        "STOP" => _hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        "MAX_TOKENS" => ChatFinishReason.Length,
        "SAFETY" or "RECITATION" or "LANGUAGE" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII"
            or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" => ChatFinishReason.ContentFilter,
        _ => OtherReason,
    };

    private List<AIContent> UsageContents() => _usage is { } usage && WireJson.Count(usage, "promptTokenCount") is not null ? [new UsageContent(Usage(usage))] : [];

    private ChatResponseUpdate Update(List<AIContent> contents)
    {
        var update = new ChatResponseUpdate(_begun ? null : ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model, CreatedAt = now };
        _begun = true;
        return update;
    }

    private void ReadPart(JsonElement part, List<AIContent> contents)
    {
        var signature = WireJson.Text(part, "thoughtSignature");
        if (WireJson.Member(part, "functionCall") is { } call)
        {
            _hasCalls = true;
            var id = ToolCallIds.With(WireJson.Text(call, "id") is { Length: > 0 } given ? given : ToolCallIds.New(), signature);
            contents.Add(OpenAIContent.ReadToolCall(id, WireJson.Text(call, "name") ?? "", WireJson.Arguments(call, "args")));
            return;
        }

        var thought = WireJson.Member(part, "thought") is { ValueKind: JsonValueKind.True };
        if (WireJson.Member(part, "inlineData") is { } data)
        {
            // An image that was only thought of is none of the answer.
            contents.AddRange(thought ? [] : [Data(data)]);
        }
        else if (WireJson.Text(part, "text") is { Length: > 0 } text)
        {
            if (thought)
            {
                contents.Add(new TextReasoningContent(text));
                return;
            }

            contents.Add(new TextContent(text));
            _text.Append(text);
        }

        _textSignature = signature ?? _textSignature;
    }

    private DataContent Data(JsonElement data)
    {
        try
        {
            return new DataContent($"data:{WireJson.Text(data, "mimeType")};base64,{WireJson.Text(data, "data")}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw errors.Malformed("inline data that are not valid", exception);
        }
    }

    private static void ReadLogprobs(JsonElement candidate, List<AIContent> contents)
    {
        if (WireJson.Member(candidate, "logprobsResult") is not { } result)
        {
            return;
        }

        var tops = WireJson.Items(result, "topCandidates").ToList();
        var tokens = WireJson.Items(result, "chosenCandidates").Select((chosen, index) =>
            Token(chosen, index < tops.Count ? [.. WireJson.Items(tops[index], "candidates").Select(top => Token(top, []))] : [])).ToList();
        if (tokens.Count > 0)
        {
            contents.Add(new LogprobsContent(tokens));
        }

        static TokenLogprob Token(JsonElement token, IReadOnlyList<TokenLogprob> top) =>
            new(WireJson.Text(token, "token") ?? "", WireJson.Number(token, "logProbability") ?? 0, top);
    }

    // For callers who know of them: the signature of a text, and where a search led.
    private void AddGooglesOwn(List<AIContent> contents)
    {
        if ((_textSignature is null && _grounding is null) || !GeminiConfigWriter.Google(options).Any())
        {
            return;
        }

        var json = ProviderRequest.Object(writer =>
        {
            writer.WriteStartObject("google");
            if (_textSignature is not null)
            {
                writer.WriteString(MessageProperties.ThoughtSignature, _textSignature);
            }

            if (_grounding is { } grounding)
            {
                writer.WritePropertyName("grounding_metadata");
                grounding.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
        contents.Add(new MessageExtension(MessageExtension.ExtraContent, JsonElement.Parse(json.Span)));
    }

    // Counts of 0 are left out on the wire; but no prompt is empty.
    private UsageDetails Usage(JsonElement usage)
    {
        var thoughts = WireJson.Count(usage, "thoughtsTokenCount");
        var details = new UsageDetails
        {
            InputTokenCount = WireJson.Count(usage, "promptTokenCount") + (WireJson.Count(usage, "toolUsePromptTokenCount") ?? 0),
            OutputTokenCount = (WireJson.Count(usage, "candidatesTokenCount") ?? 0) + (thoughts ?? 0),
            TotalTokenCount = WireJson.Count(usage, "totalTokenCount"),
            CachedInputTokenCount = WireJson.Count(usage, "cachedContentTokenCount"),
            ReasoningTokenCount = thoughts,
        };
        details.Set(UsageCounts.AudioInputTokens, OfModality(usage, "promptTokensDetails", "AUDIO"));
        details.Set(UsageCounts.ImageOutputTokens, OfModality(usage, "candidatesTokensDetails", "IMAGE"));
        details.Set(UsageCounts.WebSearches, GeminiCitations.BilledSearches(_grounding, _model ?? options.ModelId!));
        return details;
    }

    private static long? OfModality(JsonElement usage, string list, string modality) =>
        WireJson.Items(usage, list).Where(item => WireJson.Text(item, "modality") == modality).Select(item => WireJson.Count(item, "tokenCount")).FirstOrDefault();
}
