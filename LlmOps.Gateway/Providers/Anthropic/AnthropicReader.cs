using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Reads a message, whole or as the events of a stream.</summary>
internal sealed class AnthropicReader(ProviderErrors errors, DateTimeOffset now) : IChatStreamReader
{
    // Far above what the protocol allows; a provider must not fill the memory.
    private const int LongestBlock = 8 * 1024 * 1024;

    private readonly List<JsonElement> _thinking = [];
    private readonly AnthropicUsage _usage = new();
    private string? _id;
    private string? _model;
    private string? _stopReason;
    private bool _begun;
    private bool _hasContent;
    private int _calls;
    private AnthropicBlock? _block;

    /// <inheritdoc/>
    public bool Ended { get; private set; }

    /// <summary>The typed form of a whole message.</summary>
    public ChatResponseUpdate ReadMessage(JsonElement root)
    {
        if (WireJson.Member(root, "content") is not { ValueKind: JsonValueKind.Array } blocks)
        {
            throw errors.Malformed("an answer without content");
        }

        Begin(root);
        var contents = new List<AIContent>();
        foreach (var block in blocks.EnumerateArray())
        {
            switch (WireJson.Text(block, "type"))
            {
                case "text" when WireJson.Text(block, "text") is { Length: > 0 } text:
                    contents.Add(new TextContent(text));
                    break;
                case "thinking":
                    _thinking.Add(block.Clone());
                    contents.Add(new TextReasoningContent(WireJson.Text(block, "thinking")));
                    break;
                case "redacted_thinking":
                    _thinking.Add(block.Clone());
                    break;
                case "tool_use":
                    contents.Add(OpenAIContent.ReadToolCall(WireJson.Text(block, "id") is { Length: > 0 } id ? id : ToolCallIds.New(), WireJson.Text(block, "name") ?? "", WireJson.Arguments(block, "input")));
                    break;
            }
        }

        _stopReason = WireJson.Text(root, "stop_reason");
        Ended = true;
        return Update(contents);
    }

    /// <inheritdoc/>
    public ChatResponseUpdate? Read(StreamEvent received)
    {
        if (received.Data.IsEmpty)
        {
            return null;
        }

        using var document = errors.Parse(received.Data);
        var root = document.RootElement;
        switch (WireJson.Text(root, "type"))
        {
            case "message_start":
                Begin(WireJson.Member(root, "message"));
                return Update(UsageContents());
            case "content_block_start":
                return BeginBlock(WireJson.Member(root, "content_block"));
            case "content_block_delta":
                return ReadDelta(WireJson.Member(root, "delta"));
            case "content_block_stop":
                return EndBlock();
            case "message_delta":
                // Told at once: what a stream that is cut has used is billed all the same.
                _stopReason = WireJson.Text(WireJson.Member(root, "delta"), "stop_reason") ?? _stopReason;
                _usage.Add(WireJson.Member(root, "usage"));
                return Update(UsageContents());
            case "message_stop":
                Ended = true;
                return null;
            default:
                // ping, and whatever is still to come.
                return null;
        }
    }

    /// <inheritdoc/>
    public ChatResponseUpdate? End()
    {
        if (!Ended || _stopReason is null)
        {
            throw errors.Interrupted();
        }

        var reason = FinishReason(_stopReason);
        if (reason == OtherReason && !_hasContent)
        {
            throw errors.Failed(_stopReason);
        }

        List<AIContent> contents = [];
        if (_thinking.Count > 0)
        {
            contents.Add(new MessageExtension(MessageExtension.ThinkingBlocks, Json(writer => _thinking.ForEach(block => block.WriteTo(writer)))));
        }

        contents.AddRange(UsageContents());
        var last = Update(contents);
        last.FinishReason = reason;
        last.AdditionalProperties = new() { [MessageProperties.NativeFinishReason] = _stopReason };
        if (_usage.ServiceTier is { } tier)
        {
            last.AdditionalProperties[MessageProperties.ServiceTier] = tier == "standard" ? "default" : tier;
        }

        return last;
    }

    private static readonly ChatFinishReason OtherReason = new("other");

    private static ChatFinishReason FinishReason(string reason) => reason switch
    {
        "end_turn" or "stop_sequence" => ChatFinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        "tool_use" => ChatFinishReason.ToolCalls,
        "refusal" => ChatFinishReason.ContentFilter,
        _ => OtherReason,
    };

    private void Begin(JsonElement? message)
    {
        _id = WireJson.Text(message, "id") ?? ProviderAnswer.NewId();
        _model = WireJson.Text(message, "model");
        _usage.Add(WireJson.Member(message, "usage"));
    }

    private ChatResponseUpdate Update(List<AIContent> contents)
    {
        _hasContent |= contents.Exists(content => content is not UsageContent);
        var update = new ChatResponseUpdate(_begun ? null : ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model, CreatedAt = now };
        _begun = true;
        return update;
    }

    private List<AIContent> UsageContents() => _usage.Details is { } usage ? [new UsageContent(usage)] : [];

    // A start may carry the beginning of what the deltas go on with.
    private ChatResponseUpdate? BeginBlock(JsonElement? start)
    {
        if (_block is not null)
        {
            throw errors.Malformed("a content block within a content block");
        }

        _block = new AnthropicBlock(WireJson.Text(start, "type") ?? "", WireJson.Text(start, "id") is { Length: > 0 } id ? id : ToolCallIds.New(), WireJson.Text(start, "name") ?? "", _calls);
        switch (_block.Type)
        {
            case "tool_use":
                _calls++;
                var arguments = WireJson.Arguments(start, "input") is var given and not "{}" ? given : "";
                Append(_block.Text, arguments);
                return Update([new ToolCallDelta { Index = _block.Position, CallId = _block.Id, Name = _block.Name, Arguments = arguments }]);
            case "thinking":
                Append(_block.Signature, WireJson.Text(start, "signature") ?? "");
                Append(_block.Text, WireJson.Text(start, "thinking") ?? "");
                return _block.Text.Length > 0 ? Update([new TextReasoningContent(_block.Text.ToString())]) : null;
            case "redacted_thinking":
                _thinking.Add(start!.Value.Clone());
                return null;
            case "text" when WireJson.Text(start, "text") is { Length: > 0 } text:
                return Update([new TextContent(text)]);
            default:
                return null;
        }
    }

    private ChatResponseUpdate? ReadDelta(JsonElement? delta)
    {
        switch (WireJson.Text(delta, "type"))
        {
            case "text_delta":
                return Update([new TextContent(WireJson.Text(delta, "text"))]);
            case "input_json_delta" when Current.Type == "tool_use" && WireJson.Text(delta, "partial_json") is { Length: > 0 } arguments:
                Append(Current.Text, arguments);
                return Update([new ToolCallDelta { Index = Current.Position, Arguments = arguments }]);
            case "thinking_delta":
                var thought = WireJson.Text(delta, "thinking") ?? "";
                Append(Current.Text, thought);
                return Update([new TextReasoningContent(thought)]);
            case "signature_delta":
                Append(Current.Signature, WireJson.Text(delta, "signature") ?? "");
                return null;
            default:
                return null;
        }
    }

    private ChatResponseUpdate? EndBlock()
    {
        var block = Current;
        _block = null;
        switch (block.Type)
        {
            case "thinking":
                _thinking.Add(Json(block.WriteThinking)[0]);
                return null;
            case "tool_use":
                // A call without arguments has no delta.
                List<AIContent> contents = block.Text.Length == 0 ? [new ToolCallDelta { Index = block.Position, Arguments = "{}" }] : [];
                contents.Add(OpenAIContent.ReadToolCall(block.Id, block.Name, block.Text.Length == 0 ? "{}" : block.Text.ToString()));
                return Update(contents);
            default:
                return null;
        }
    }

    private AnthropicBlock Current => _block ?? throw errors.Malformed("a delta outside of a content block");

    private void Append(StringBuilder text, string more)
    {
        text.Append(more);
        if (text.Length > LongestBlock)
        {
            throw errors.Malformed($"a content block of more than {LongestBlock} characters");
        }
    }

    // A JSON list of what is written.
    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        var json = ProviderRequest.Object(writer =>
        {
            writer.WriteStartArray("items");
            write(writer);
            writer.WriteEndArray();
        });
        return JsonElement.Parse(json.Span).GetProperty("items");
    }
}
