using System.Text.Json;
using LlmOps.Gateway.Errors;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>One choice of an answer, or what a chunk adds to it.</summary>
internal sealed class OpenAIChoice
{
    private JsonElement? _failed;
    private string? _finishReason;
    private string? _reasoningContent;
    private string? _reasoning;
    private ReadOnlyMemory<byte> _text;
    private List<string?>? _parts;
    private string? _refusal;
    private bool _hasMedia;

    /// <summary>Its place among the choices.</summary>
    public int Index { get; private set; }

    /// <summary>Whether it has a message, or a delta of one.</summary>
    public bool HasMessage { get; private set; }

    /// <summary>Who speaks.</summary>
    public string? Role { get; private set; }

    /// <summary>The tool calls, or pieces of them; null for none.</summary>
    public List<OpenAIToolCall>? ToolCalls { get; private set; }

    /// <summary>A call in the form that came before tools.</summary>
    public OpenAIToolCall? FunctionCall { get; private set; }

    /// <summary>Why it ended; null where it has not.</summary>
    public ChatFinishReason? FinishReason => _finishReason switch
    {
        null => null,
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        var other => new ChatFinishReason(other),
    };

    /// <summary>Reads the choice that the reader stands on.</summary>
    /// <param name="reader">The answer.</param>
    /// <param name="json">Its bytes, of which the text is made when it is wanted.</param>
    /// <param name="ofStream">Whether it is a chunk's, whose message comes as deltas.</param>
    public static OpenAIChoice Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, bool ofStream)
    {
        var choice = new OpenAIChoice();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return choice;
        }

        var start = reader;
        var failure = false;
        while (reader.NextMember())
        {
            if (reader.Is(ofStream ? "delta"u8 : "message"u8))
            {
                choice.ReadMessage(ref reader, json);
            }
            else if (reader.Is("finish_reason"u8))
            {
                choice._finishReason = reader.Text();
            }
            else if (reader.Is("index"u8))
            {
                choice.Index = reader.Int32() ?? 0;
            }
            else if (reader.Is("error"u8) || reader.Is("x_groq"u8))
            {
                failure |= reader.HasValue();
            }
            else
            {
                reader.SkipValue();
            }
        }

        choice._failed = failure ? JsonElement.ParseValue(ref start) : null;
        return choice;
    }

    /// <summary>Some servers tell a failure in the choice it befell, or by its finish reason alone.</summary>
    /// <exception cref="ProviderException">This choice does.</exception>
    public void ThrowIfFailed(OpenAIErrors errors)
    {
        if (_failed is { } failed)
        {
            errors.ThrowIfError(failed);
        }

        if (_finishReason == "error")
        {
            throw errors.Failed("error");
        }
    }

    /// <summary>Adds the text-like contents; vendors name reasoning in two ways.</summary>
    public void AddText(List<AIContent> contents)
    {
        if ((_reasoningContent ?? _reasoning) is { Length: > 0 } reasoning)
        {
            contents.Add(new TextReasoningContent(reasoning));
        }

        // More than the quotes.
        if (_text.Length > 2)
        {
            var reader = new Utf8JsonReader(_text.Span);
            contents.Add(new TextContent(reader.Text()));
        }

        if (_parts is not null)
        {
            foreach (var part in _parts)
            {
                contents.Add(part is not null ? new TextContent(part) : new AIContent());
            }
        }

        if (_refusal is { Length: > 0 })
        {
            contents.Add(new ErrorContent(_refusal) { ErrorCode = OpenAIContent.RefusalCode });
        }

        if (_hasMedia)
        {
            // Content all the same, though only the provider's own bytes hold it.
            contents.Add(new AIContent());
        }
    }

    private void ReadMessage(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        if (!reader.OpenObject())
        {
            return;
        }

        HasMessage = true;
        while (reader.NextMember())
        {
            if (reader.Is("content"u8))
            {
                ReadContent(ref reader, json);
            }
            else if (reader.Is("role"u8))
            {
                Role = reader.Text();
            }
            else if (reader.Is("reasoning_content"u8))
            {
                _reasoningContent = reader.Text();
            }
            else if (reader.Is("reasoning"u8))
            {
                _reasoning = reader.Text();
            }
            else if (reader.Is("refusal"u8))
            {
                _refusal = reader.Text();
            }
            else if (reader.Is("audio"u8) || reader.Is("images"u8))
            {
                _hasMedia |= reader.HasValue();
            }
            else if (reader.Is("tool_calls"u8))
            {
                ToolCalls = OpenAIToolCall.ReadList(ref reader);
            }
            else if (reader.Is("function_call"u8))
            {
                FunctionCall = OpenAIToolCall.ReadFunction(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }
    }

    private void ReadContent(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            _text = json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            _parts = [];
            while (reader.NextItem())
            {
                _parts.Add(ReadPart(ref reader));
            }
        }
        else
        {
            reader.Skip();
        }
    }

    // Its text; null where it is something else.
    private static string? ReadPart(ref Utf8JsonReader reader)
    {
        string? text = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        while (reader.NextMember())
        {
            if (reader.Is("text"u8))
            {
                text = reader.Text();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return text;
    }
}
