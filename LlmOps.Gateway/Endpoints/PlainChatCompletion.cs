using System.Text;
using System.Text.Unicode;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// Reads, in one pass and without a document, what most requests are: a model, messages of a role and a text, and
/// sampling parameters. Anything else, right or wrong, it leaves to <see cref="ChatCompletionRequest.Parse(JsonBody)"/>, whose
/// result for what it does read is the same.
/// </summary>
internal ref struct PlainChatCompletion
{
    private readonly GatewayChatOptions _options = new();
    private PlainJson _json;
    private uint _seen;
    private string? _model;
    private bool _stream;
    private bool _streamOptions;
    private bool _includeUsage;
    private int? _maxTokens;
    private int? _maxCompletionTokens;
    private List<ChatMessage>? _messages;

    private PlainChatCompletion(ReadOnlySpan<byte> bytes) => _json = new PlainJson(bytes);

    /// <summary>The request; null where the full parser must look at it.</summary>
    public static ChatCompletionRequest? Read(ReadOnlyMemory<byte> bytes)
    {
        var plain = new PlainChatCompletion(bytes.Span);
        return Utf8.IsValid(bytes.Span) && plain.ReadRequest() ? plain.Request(JsonBody.Checked(bytes)) : null;
    }

    // Of a body that was read before.
    private static List<ChatMessage> Messages(ReadOnlyMemory<byte> bytes)
    {
        var again = new PlainChatCompletion(bytes.Span) { _messages = [] };
        again.ReadRequest();
        return again._messages;
    }

    private readonly ChatCompletionRequest Request(JsonBody body)
    {
        _options.MaxOutputTokens = ChatCompletionRequest.Larger(_maxTokens, _maxCompletionTokens);
        _options.Original = new OriginalRequest(WireProtocol.OpenAIChat, body, _model!, _includeUsage);
        return new ChatCompletionRequest(
            _model!, new DeferredList<ChatMessage>(() => Messages(body.Bytes)), _options, _stream, _includeUsage);
    }

    private bool ReadRequest()
    {
        if (!_json.Take((byte)'{'))
        {
            return false;
        }

        do
        {
            if (!_json.TakeName(out var name) || !ReadMember(name))
            {
                return false;
            }
        }
        while (_json.Take((byte)','));

        // Options of a stream without one are refused, whatever they say.
        return _json.Take((byte)'}') && _json.AtEnd && Seen(Field.Model) && Seen(Field.Messages) && (_stream || !_streamOptions);
    }

    private bool ReadMember(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("model"u8))
        {
            return Once(Field.Model) && ReadModel();
        }

        if (name.SequenceEqual("messages"u8))
        {
            return Once(Field.Messages) && ReadMessages();
        }

        if (name.SequenceEqual("temperature"u8))
        {
            return Once(Field.Temperature) && (_options.Temperature = ReadNumber(0, 2)) is not null;
        }

        if (name.SequenceEqual("max_tokens"u8))
        {
            return Once(Field.MaxTokens) && (_maxTokens = ReadCount()) is not null;
        }

        if (name.SequenceEqual("max_completion_tokens"u8))
        {
            return Once(Field.MaxCompletionTokens) && (_maxCompletionTokens = ReadCount()) is not null;
        }

        if (name.SequenceEqual("top_p"u8))
        {
            return Once(Field.TopP) && (_options.TopP = ReadNumber(0, 1)) is not null;
        }

        if (name.SequenceEqual("stream"u8))
        {
            return Once(Field.Stream) && _json.TakeBoolean(out _stream);
        }

        if (name.SequenceEqual("stream_options"u8))
        {
            return Once(Field.StreamOptions) && ReadStreamOptions();
        }

        // Checked, no more.
        return name.SequenceEqual("user"u8) && Once(Field.User) && _json.TakeText(out _, out _);
    }

    private bool ReadModel()
    {
        if (!_json.TakeText(out var text, out var escaped) || escaped)
        {
            return false;
        }

        _model = Encoding.UTF8.GetString(text);
        return !string.IsNullOrWhiteSpace(_model);
    }

    private bool ReadMessages()
    {
        if (!_json.Take((byte)'['))
        {
            return false;
        }

        do
        {
            if (!ReadMessage())
            {
                return false;
            }
        }
        while (_json.Take((byte)','));

        return _json.Take((byte)']');
    }

    private bool ReadMessage()
    {
        if (!_json.Take((byte)'{'))
        {
            return false;
        }

        var (role, content, isEscaped) = (default(ChatRole?), false, false);
        ReadOnlySpan<byte> said = [];
        do
        {
            if (!_json.TakeName(out var name) || !_json.TakeText(out var text, out var escaped))
            {
                return false;
            }

            if (role is null && name.SequenceEqual("role"u8))
            {
                role = text.SequenceEqual("user"u8) ? ChatRole.User : text.SequenceEqual("assistant"u8) ? ChatRole.Assistant : text.SequenceEqual("system"u8) ? ChatRole.System : null;
                if (role is null)
                {
                    return false;
                }
            }
            else if (!content && name.SequenceEqual("content"u8))
            {
                (content, isEscaped) = (true, escaped);
                said = text;
            }
            else
            {
                return false;
            }
        }
        while (_json.Take((byte)','));

        if (role is not { } speaker || !content || !_json.Take((byte)'}'))
        {
            return false;
        }

        _messages?.Add(new ChatMessage(speaker, PlainJson.TextOf(said, isEscaped)));
        return true;
    }

    private bool ReadStreamOptions()
    {
        _streamOptions = true;
        return _json.Take((byte)'{')
            && _json.TakeName(out var name) && name.SequenceEqual("include_usage"u8) && _json.TakeBoolean(out _includeUsage)
            && _json.Take((byte)'}');
    }

    private float? ReadNumber(double min, double max) => _json.TakeNumber(out double value) && value >= min && value <= max ? (float)value : null;

    private int? ReadCount() => _json.TakeNumber(out int value) && value > 0 ? value : null;

    // A name given twice is refused, by the full parser.
    private bool Once(Field field)
    {
        var first = !Seen(field);
        _seen |= 1u << (int)field;
        return first;
    }

    private readonly bool Seen(Field field) => (_seen & (1u << (int)field)) != 0;

    private enum Field
    {
        Model,
        Messages,
        Temperature,
        MaxTokens,
        MaxCompletionTokens,
        TopP,
        Stream,
        StreamOptions,
        User,
    }
}
