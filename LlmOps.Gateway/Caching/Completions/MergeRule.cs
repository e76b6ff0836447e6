namespace LlmOps.Gateway.Caching.Completions;

/// <summary>How what a field has in the chunks of a stream becomes one value. Null and what is empty never take anything back.</summary>
internal enum MergeRule
{
    /// <summary>Nobody knows whether it goes on or is said again, so it may be said in one chunk only; of a number the last holds.</summary>
    Once,

    /// <summary>Text that comes in pieces.</summary>
    Joined,

    /// <summary>Text that some servers say again in every chunk.</summary>
    Repeated,

    /// <summary>Of the answer as a whole: the last holds.</summary>
    Latest,

    /// <summary>The same, but for lists, which may be pieces.</summary>
    LatestUnlessList,

    /// <summary>A list that comes in pieces.</summary>
    Listed,

    /// <summary>An object that comes in pieces.</summary>
    Nested,

    /// <summary>Tool calls.</summary>
    Calls,

    /// <summary>OpenRouter's blocks of reasoning.</summary>
    Details,

    /// <summary>Of the chunk, not of the answer.</summary>
    Ignored,
}

/// <summary>Where an object stands in a stream's chunks, which says what its fields are.</summary>
internal enum MergeScope
{
    /// <summary>The chunk.</summary>
    Root,

    /// <summary>One of its choices.</summary>
    Choice,

    /// <summary>What a choice adds to its message.</summary>
    Message,

    /// <summary>A tool call.</summary>
    Call,

    /// <summary>The function of a tool call.</summary>
    Function,

    /// <summary>A call in the form that came before tools, which has no id.</summary>
    LegacyFunction,

    /// <summary>The free-form tool of a call.</summary>
    Custom,

    /// <summary>Speech.</summary>
    Audio,

    /// <summary>Log probabilities.</summary>
    Logprobs,

    /// <summary>A block of reasoning.</summary>
    Detail,
}

/// <summary>The fields whose values grow, and how; of any other see <see cref="MergeRule.Once"/>.</summary>
/// <param name="Rule">How it grows.</param>
/// <param name="Scope">Where the fields of its value stand, if it is an object.</param>
internal readonly record struct MergeField(MergeRule Rule, MergeScope Scope = default)
{
    /// <summary>What is known of a field.</summary>
    public static MergeField Of(MergeScope scope, string name) => scope switch
    {
        MergeScope.Root => name switch
        {
            // The first is another one in completions; the other pads chunks against those who measure them.
            "object" or "obfuscation" => new(MergeRule.Ignored),
            _ => new(MergeRule.Latest),
        },
        MergeScope.Choice => name switch
        {
            "delta" => new(MergeRule.Nested, MergeScope.Message),
            "logprobs" => new(MergeRule.Nested, MergeScope.Logprobs),

            // Together, and vLLM where it is asked for them.
            "text" => new(MergeRule.Joined),
            "token_ids" => new(MergeRule.Listed),

            // Perplexity has all that was said so far beside each delta.
            "index" or "message" => new(MergeRule.Ignored),
            _ => new(MergeRule.LatestUnlessList),
        },
        MergeScope.Message => OfMessage(name),
        MergeScope.Call => name switch
        {
            "id" or "type" => new(MergeRule.Repeated),
            "function" => new(MergeRule.Nested, MergeScope.Function),
            "custom" => new(MergeRule.Nested, MergeScope.Custom),
            "index" => new(MergeRule.Ignored),
            _ => default,
        },
        MergeScope.Function or MergeScope.LegacyFunction or MergeScope.Custom => name switch
        {
            "arguments" or "input" => new(MergeRule.Joined),

            // Who may repeat it is the calls' affair.
            "name" => new(scope == MergeScope.LegacyFunction ? MergeRule.Once : MergeRule.Repeated),
            _ => default,
        },
        MergeScope.Audio => name switch
        {
            // The data are base64, of which each piece may be padded: not joined.
            "transcript" => new(MergeRule.Joined),
            "id" => new(MergeRule.Repeated),
            _ => default,
        },
        MergeScope.Logprobs => new(MergeRule.Listed),
        MergeScope.Detail => name switch
        {
            "text" or "summary" => new(MergeRule.Joined),
            "type" or "id" or "format" => new(MergeRule.Repeated),
            _ => default,
        },
        _ => default,
    };

    private static MergeField OfMessage(string name) => name switch
    {
        "content" or "refusal" or "reasoning_content" or "reasoning" or "reasoning_text" or "thinking" => new(MergeRule.Joined),
        "role" or "name" or "id" or "type" => new(MergeRule.Repeated),
        "tool_calls" => new(MergeRule.Calls),
        "function_call" => new(MergeRule.Nested, MergeScope.LegacyFunction),
        "audio" => new(MergeRule.Nested, MergeScope.Audio),
        "annotations" or "images" => new(MergeRule.Listed),
        "reasoning_details" => new(MergeRule.Details),

        // Groq's word for which of the texts a piece belongs to.
        "channel" => new(MergeRule.Ignored),
        _ => default,
    };
}
