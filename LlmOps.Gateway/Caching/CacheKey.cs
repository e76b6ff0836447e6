using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Caching;

/// <summary>
/// SHA-256 over everything that an answer depends on, and whose it is: format version, generation, tenant, endpoint family,
/// model, prompt, and the whole request but for a short list of fields that no answer depends on. A field that nobody here
/// knows is in it.
/// </summary>
internal readonly record struct CacheKey(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    // Changes with whatever is hashed, and with the form of what is kept under it.
    private const string Format = "llmops-cache-2";

    private const string FormatWithoutQuestion = "llmops-semantic-2";

    // A buffer for each thread: a key is made without waiting for anything.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static IncrementalHash? _hash;
    private const int LargestKept = 64 * 1024;

    /// <summary>The key of a request; null where not all that its answer depends on is known here.</summary>
    public static CacheKey? Of(GatewayChatOptions options, IEnumerable<ChatMessage> messages, CacheGenerations generations)
    {
        var input = Begin(options.Request, Format, generations.Of(options.Request));
        if (options.Original is { } original)
        {
            Add(input, "json");
            CanonicalJson.Write(input, original.Body.Bytes.Span, IsNoPartOfIt);
        }
        else if (!AddTyped(input, options) || !AddMessages(input, messages))
        {
            return null;
        }

        return End(input);
    }

    /// <summary>The same without what the user asks: of requests that differ in nothing else, it is the same. Null where there is more to ask than one text.</summary>
    /// <param name="options">The request.</param>
    /// <param name="messages">Its messages.</param>
    /// <param name="generation">The generation that the answers belong to.</param>
    /// <param name="question">What the user asks.</param>
    public static CacheKey? WithoutQuestion(GatewayChatOptions options, IEnumerable<ChatMessage> messages, string generation, out string question)
    {
        question = "";
        var instructions = messages.ToList();
        if (instructions.Count == 0 || instructions[^1] is not { Role: var role, Contents: [TextContent text] } last || role != ChatRole.User
            || instructions.SkipLast(1).Any(message => !message.IsInstruction())
            || (options.Original is { } asked && !ArePlain(asked.Body.Root.GetProperty("messages"u8))))
        {
            return null;
        }

        question = text.Text;
        var input = Begin(options.Request, FormatWithoutQuestion, generation);
        if (options.Original is { } original)
        {
            Add(input, "json");
            CanonicalJson.Write(input, original.Body.Bytes.Span, static name => IsNoPartOfIt(name) || name.SequenceEqual("\"messages\""u8));
        }
        else if (!AddTyped(input, options))
        {
            return null;
        }

        Add(input, last.AuthorName);
        return AddMessages(input, instructions.SkipLast(1)) ? End(input) : null;
    }

    private static ArrayBufferWriter<byte> Begin(GatewayRequest request, string format, string generation)
    {
        var input = _buffer ?? new ArrayBufferWriter<byte>(4096);
        _buffer = null;
        input.ResetWrittenCount();
        Add(input, format);
        Add(input, generation);
        Add(input, request.Principal.Tenant);
        Add(input, request.Family);
        Add(input, request.Route!.Name);
        Add(input, request.Prompt?.Name);
        Add(input, request.Prompt?.Version);
        Add(input, request.Prompt?.ContentHash);
        Add(input, request.Tools?.Hash);
        return input;
    }

    private static CacheKey End(ArrayBufferWriter<byte> input)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _hash.AppendData(input.WrittenSpan);
        _hash.GetHashAndReset(hash);
        if (input.Capacity <= LargestKept)
        {
            _buffer = input;
        }

        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        return new CacheKey(parts[0], parts[1], parts[2], parts[3]);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => First.GetHashCode();

    /// <summary>The id of a question among those whose requests are else the same.</summary>
    /// <param name="question">The question.</param>
    public Guid IdOf(string question)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{this}{question}"), hash);
        return new Guid(hash[..16]);
    }

    /// <summary>As 64 hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(MemoryMarshal.AsBytes<ulong>([First, Second, Third, Fourth]));

    // What an answer does not depend on: how it is sent, who asked within the tenant, ids, credentials.
    private static bool IsNoPartOfIt(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 => name.SequenceEqual("\"user\""u8),
        8 => name.SequenceEqual("\"stream\""u8),
        10 => name.SequenceEqual("\"metadata\""u8),
        12 => name.SequenceEqual("\"request_id\""u8),
        16 => name.SequenceEqual("\"stream_options\""u8) || name.SequenceEqual("\"openai_api_key\""u8),
        _ => false,
    };

    private static bool AddTyped(ArrayBufferWriter<byte> input, GatewayChatOptions options)
    {
        Add(input, "typed");
        Add(input, options.Request.Model);
        Add(input, options.Temperature);
        Add(input, options.TemperatureIsDefault ? "default" : null);
        Add(input, options.TopP);
        Add(input, options.MaxOutputTokens);
        if (options.ResponseFormat is not null || options.StopSequences is { Count: > 0 } || options.Seed is not null || options.FrequencyPenalty is not null || options.PresencePenalty is not null)
        {
            AddPromptsOwn(input, options);
        }

        if (options.TopK is not null
            || options.Instructions is not null || options.Reasoning is not null || options.ConversationId is not null
            || options.RawRepresentationFactory is not null || options.AdditionalProperties is { Count: > 0 })
        {
            // No endpoint sets these without the caller's bytes.
            return false;
        }

        return (options.Tools is not { Count: > 0 } && options.ToolMode is null && options.AllowMultipleToolCalls is null) || AddTools(input, options);
    }

    // What no endpoint takes, but prompts ask of the model.
    private static void AddPromptsOwn(ArrayBufferWriter<byte> input, GatewayChatOptions options)
    {
        Add(input, "parameters");
        Add(input, options.FrequencyPenalty);
        Add(input, options.PresencePenalty);
        Add(input, options.Seed?.ToString(CultureInfo.InvariantCulture));
        Add(input, options.StopSequences?.Count);
        foreach (var stop in options.StopSequences ?? [])
        {
            Add(input, stop);
        }

        var json = options.ResponseFormat as ChatResponseFormatJson;
        Add(input, options.ResponseFormat?.GetType().Name);
        Add(input, json?.SchemaName);
        Add(input, json?.SchemaDescription);
        Add(input, json?.Schema?.GetRawText());
    }

    // False where one is no function of a prompt.
    private static bool AddTools(ArrayBufferWriter<byte> input, GatewayChatOptions options)
    {
        Add(input, "tools");
        foreach (var tool in options.Tools ?? [])
        {
            if (tool is not FunctionTool function)
            {
                return false;
            }

            Add(input, function.Name);
            Add(input, function.Description);
            Add(input, function.JsonSchema.GetRawText());
            Add(input, function.Strict ? "strict" : null);
            Add(input, function.CacheControl?.GetRawText());
        }

        Add(input, options.ToolMode?.GetType().Name);
        Add(input, (options.ToolMode as RequiredChatToolMode)?.RequiredFunctionName);
        Add(input, options.AllowMultipleToolCalls?.ToString());
        return true;
    }

    // Whether nothing but their role, name and text is in the caller's messages: whatever else there is would be missing in the hash.
    private static bool ArePlain(JsonElement messages)
    {
        foreach (var message in messages.EnumerateArray())
        {
            foreach (var field in message.EnumerateObject())
            {
                var isText = field.NameEquals("content"u8)
                    && (field.Value.ValueKind == JsonValueKind.String
                        || (field.Value.ValueKind == JsonValueKind.Array && field.Value.GetArrayLength() == 1 && IsPlainText(field.Value[0])));
                if (!isText && !field.NameEquals("role"u8) && !field.NameEquals("name"u8))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsPlainText(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.EnumerateObject().All(field => field.NameEquals("type"u8) || field.NameEquals("text"u8));

    private static bool AddMessages(ArrayBufferWriter<byte> input, IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages)
        {
            Add(input, message.Role.Value);
            Add(input, message.AuthorName);
            foreach (var content in message.Contents)
            {
                if (content is not TextContent text)
                {
                    return false;
                }

                Add(input, text.Text);
            }

            Add(input, (string?)null);
        }

        return true;
    }

    private static void Add(ArrayBufferWriter<byte> input, float? value) =>
        Add(input, value is { } number ? BitConverter.SingleToInt32Bits(number) : null);

    private static void Add(ArrayBufferWriter<byte> input, int? value) =>
        Add(input, value?.ToString(CultureInfo.InvariantCulture));

    // With its length, so that no two lists of texts look alike; -1 for none.
    private static void Add(ArrayBufferWriter<byte> input, string? text)
    {
        var span = input.GetSpan(sizeof(int) + (text is null ? 0 : Encoding.UTF8.GetMaxByteCount(text.Length)));
        var length = text is null ? -1 : Encoding.UTF8.GetBytes(text, span[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        input.Advance(sizeof(int) + Math.Max(length, 0));
    }
}
