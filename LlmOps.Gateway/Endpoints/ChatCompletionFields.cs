using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// The top-level fields of a chat completion, found in one pass: most requests have few of the many there are. On the stack,
/// as nobody needs it once the request is parsed.
/// </summary>
internal readonly ref struct ChatCompletionFields
{
    private static readonly FrozenDictionary<string, ChatCompletionField> Known = Enum.GetValues<ChatCompletionField>()
        .ToFrozenDictionary(field => JsonNamingPolicy.SnakeCaseLower.ConvertName(field.ToString()), StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, ChatCompletionField>.AlternateLookup<ReadOnlySpan<char>> KnownSpans = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly string[] Names = [.. Known.OrderBy(field => field.Value).Select(field => field.Key)];
    private static readonly int LongestName = Names.Max(name => name.Length);

    // Checked, no more.
    private static readonly ChatCompletionField[] Untyped =
        [ChatCompletionField.N, ChatCompletionField.Logprobs, ChatCompletionField.TopLogprobs, ChatCompletionField.LogitBias, ChatCompletionField.User];

    private readonly Values _values;

    /// <summary>Finds the fields of a request.</summary>
    /// <exception cref="GatewayException">One of them differs from a known one in letter case only.</exception>
    public ChatCompletionFields(JsonElement root)
    {
        foreach (var field in root.EnumerateObject())
        {
            if (Find(field) is not { } known)
            {
                continue;
            }

            if (!field.NameEquals(Names[(int)known]))
            {
                // Servers that match names without regard to case would take such a field for the known one, past our checks.
                throw new GatewayException(ErrorCode.UnsupportedParameter, $"{field.Name} is not a field; expected {Names[(int)known]}.", field.Name);
            }

            if (field.Value.ValueKind != JsonValueKind.Null)
            {
                _values[(int)known] = field.Value;
            }
        }
    }

    /// <summary>A field; null when it is absent or JSON null, which the API treats alike.</summary>
    public JsonElement? this[ChatCompletionField field] => _values[(int)field] is { ValueKind: not JsonValueKind.Undefined } value ? value : null;

    /// <summary>Whether a field has a typed form. Every other travels as the caller's JSON, for the provider to take or refuse.</summary>
    public static bool IsTyped(JsonProperty field) => Find(field) is { } known && !Untyped.Contains(known);

    // One for each of ChatCompletionField.
    [InlineArray((int)ChatCompletionField.ParallelToolCalls + 1)]
    private struct Values
    {
        private JsonElement _first;
    }

    // Without a string for every name of every request.
    private static ChatCompletionField? Find(JsonProperty field)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(field);
        if (raw.Contains((byte)'\\'))
        {
            return Known.TryGetValue(field.Name, out var escaped) ? escaped : null;
        }

        Span<char> name = stackalloc char[LongestName];
        return raw.Length <= LongestName && Encoding.UTF8.TryGetChars(raw, name, out var length) && KnownSpans.TryGetValue(name[..length], out var known) ? known : null;
    }
}

/// <summary>The fields of a chat completion that the gateway checks. Their names in JSON are these in snake case.</summary>
internal enum ChatCompletionField
{
    /// <summary>The model as the caller names it.</summary>
    Model,

    /// <summary>The conversation.</summary>
    Messages,

    /// <summary>Whether the caller wants a stream.</summary>
    Stream,

    /// <summary>How the stream is to be.</summary>
    StreamOptions,

    /// <summary>0 to 2.</summary>
    Temperature,

    /// <summary>0 to 1.</summary>
    TopP,

    /// <summary>-2 to 2.</summary>
    PresencePenalty,

    /// <summary>-2 to 2.</summary>
    FrequencyPenalty,

    /// <summary>For answers that repeat.</summary>
    Seed,

    /// <summary>The older name of <see cref="MaxCompletionTokens"/>.</summary>
    MaxTokens,

    /// <summary>Most tokens of the answer.</summary>
    MaxCompletionTokens,

    /// <summary>Number of answers.</summary>
    N,

    /// <summary>Whether to tell the tokens' probabilities.</summary>
    Logprobs,

    /// <summary>Of how many candidates for each token.</summary>
    TopLogprobs,

    /// <summary>What to add to tokens' chances.</summary>
    LogitBias,

    /// <summary>Who asks, in the caller's words.</summary>
    User,

    /// <summary>Where to stop.</summary>
    Stop,

    /// <summary>Text, any JSON, or JSON of a schema.</summary>
    ResponseFormat,

    /// <summary>What the model may call.</summary>
    Tools,

    /// <summary>Whether it must.</summary>
    ToolChoice,

    /// <summary>Whether it may call several at once.</summary>
    ParallelToolCalls,
}
