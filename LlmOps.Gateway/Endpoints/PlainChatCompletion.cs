using System.Text.Json;
using System.Text.Unicode;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// Reads, in one pass and without a document, what most requests are: a model, messages of a role and a text, and
/// sampling parameters. Anything else, right or wrong, it leaves to <see cref="ChatCompletionRequest.Parse(JsonBody)"/>, whose
/// result for what it does read is the same.
/// </summary>
internal ref struct PlainChatCompletion
{
    private Utf8JsonReader _reader;
    private readonly GatewayChatOptions _options = new();
    private string? _model;
    private bool _messages;
    private bool? _stream;
    private bool? _includeUsage;
    private int? _maxTokens;
    private int? _maxCompletionTokens;
    private uint _seen;

    private PlainChatCompletion(ReadOnlySpan<byte> bytes) => _reader = new Utf8JsonReader(bytes);

    /// <summary>The request; null where the full parser must look at it.</summary>
    public static ChatCompletionRequest? Read(ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            return null;
        }

        var plain = new PlainChatCompletion(bytes.Span);
        try
        {
            return plain.ReadRequest() ? plain.Request(JsonBody.Checked(bytes)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private readonly ChatCompletionRequest Request(JsonBody body)
    {
        _options.MaxOutputTokens = _maxCompletionTokens ?? _maxTokens;
        _options.Caller = body;
        _options.Original = new OriginalRequest(WireProtocol.OpenAIChat, body, _model!);
        return new ChatCompletionRequest(
            _model!, new DeferredList<ChatMessage>(() => ChatMessageParser.Parse(body, body.Root.GetProperty("messages"u8))), _options, _stream == true, _includeUsage == true);
    }

    private bool ReadRequest()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (_reader.NextMember())
        {
            if (!ReadMember())
            {
                return false;
            }
        }

        // Nothing may follow. Usage can be asked for in a stream only.
        return !_reader.Read() && _model is not null && _messages && (_includeUsage is null || _stream == true);
    }

    private bool ReadMember()
    {
        if (_reader.ValueIsEscaped)
        {
            return false;
        }

        if (_reader.Is("model"u8))
        {
            return Once(0) && ReadModel();
        }

        if (_reader.Is("messages"u8))
        {
            return Once(1) && ReadMessages();
        }

        if (_reader.Is("stream"u8))
        {
            return Once(2) && ReadBoolean(out _stream);
        }

        if (_reader.Is("temperature"u8))
        {
            var fits = Once(3) & ReadNumber(0, 2, out var number);
            _options.Temperature = number;
            return fits;
        }

        if (_reader.Is("max_tokens"u8))
        {
            return Once(4) && ReadCount(out _maxTokens);
        }

        if (_reader.Is("max_completion_tokens"u8))
        {
            return Once(5) && ReadCount(out _maxCompletionTokens);
        }

        if (_reader.Is("top_p"u8))
        {
            var fits = Once(6) & ReadNumber(0, 1, out var number);
            _options.TopP = number;
            return fits;
        }

        if (_reader.Is("stream_options"u8))
        {
            return Once(7) && ReadStreamOptions();
        }

        // Checked, no more.
        return _reader.Is("user"u8) && Once(8) && ReadText();
    }

    // A name given twice is refused, by the full parser.
    private bool Once(int field)
    {
        var bit = 1u << field;
        var first = (_seen & bit) == 0;
        _seen |= bit;
        return first;
    }

    private bool ReadModel()
    {
        if (!ReadText())
        {
            return false;
        }

        _model = _reader.GetString();
        return !string.IsNullOrWhiteSpace(_model);
    }

    private bool ReadMessages()
    {
        if (!_reader.OpenList())
        {
            return false;
        }

        while (_reader.NextItem())
        {
            if (!ReadMessage())
            {
                return false;
            }

            _messages = true;
        }

        return _messages;
    }

    private bool ReadMessage()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var (role, content) = (false, false);
        while (_reader.NextMember())
        {
            if (!role && _reader.Is("role"u8))
            {
                role = ReadText() && (_reader.Is("user"u8) || _reader.Is("assistant"u8) || _reader.Is("system"u8));
                if (!role)
                {
                    return false;
                }
            }
            else if (!content && _reader.Is("content"u8))
            {
                // An escape such as \ud83d may be half a character, which is JSON, but no text.
                _reader.Read();
                content = _reader.TokenType == JsonTokenType.String && (!_reader.ValueIsEscaped || _reader.ValueSpan.IndexOf("\\u"u8) < 0);
                if (!content)
                {
                    return false;
                }
            }
            else
            {
                return false;
            }
        }

        return role && content;
    }

    private bool ReadStreamOptions()
    {
        if (!_reader.OpenObject())
        {
            return false;
        }

        while (_reader.NextMember())
        {
            if (!_reader.Is("include_usage"u8) || !Once(9) || !ReadBoolean(out _includeUsage))
            {
                return false;
            }
        }

        // Given without the stream it is for, it is refused, whatever it says.
        _includeUsage ??= false;
        return true;
    }

    // Text that is the same in JSON.
    private bool ReadText()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.String && !_reader.ValueIsEscaped;
    }

    private bool ReadBoolean(out bool? value)
    {
        _reader.Read();
        value = _reader.TokenType == JsonTokenType.True;
        return _reader.TokenType is JsonTokenType.True or JsonTokenType.False;
    }

    private bool ReadNumber(double min, double max, out float? value)
    {
        _reader.Read();
        value = _reader.TokenType == JsonTokenType.Number && _reader.TryGetDouble(out var number) && number >= min && number <= max ? (float)number : null;
        return value is not null;
    }

    private bool ReadCount(out int? value)
    {
        _reader.Read();
        value = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var count) && count > 0 ? count : null;
        return value is not null;
    }
}
