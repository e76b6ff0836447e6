using System.Text.Json;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>A value that grows with the chunks of a stream; null until one has it.</summary>
internal abstract class MergedNode
{
    /// <summary>Takes in what a chunk has of it.</summary>
    /// <param name="reader">Stands on the value, and is left on its last token.</param>
    /// <param name="json">The chunk.</param>
    /// <exception cref="InvalidOperationException">It cannot be put together for certain.</exception>
    public abstract void Merge(ref Utf8JsonReader reader, ReadOnlySpan<byte> json);

    /// <summary>Writes it as it is now.</summary>
    public abstract void WriteTo(Utf8JsonWriter json);

    /// <summary>Checks what can be known only at the end.</summary>
    /// <exception cref="InvalidOperationException">It is not whole.</exception>
    public virtual void Check()
    {
    }

    /// <summary>A new one, as its field's rule wants it.</summary>
    public static MergedNode Of(MergeField field, MergedLength length) => field.Rule switch
    {
        MergeRule.Nested => new MergedObject(field.Scope, length),
        MergeRule.Calls => new MergedCalls(length),
        MergeRule.Details => new MergedDetails(length),
        _ => new MergedValue(field.Rule, length),
    };

    /// <summary>Whether the reader stands on a list, rather than on null.</summary>
    /// <exception cref="InvalidOperationException">It stands on something else.</exception>
    protected static bool IsList(ref Utf8JsonReader reader) => Is(ref reader, JsonTokenType.StartArray);

    /// <summary>Whether the reader stands on an object, rather than on null.</summary>
    /// <inheritdoc cref="IsList"/>
    protected static bool IsObject(ref Utf8JsonReader reader) => Is(ref reader, JsonTokenType.StartObject);

    /// <summary>The failure that a stream is not kept for.</summary>
    protected static InvalidOperationException Uncertain(string what) => new($"The stream cannot be put together: {what}.");

    private static bool Is(ref Utf8JsonReader reader, JsonTokenType type) =>
        reader.TokenType == type || (reader.TokenType == JsonTokenType.Null ? false : throw Uncertain("a list or an object is something else"));
}

/// <summary>What a completion that grows has in bytes so far.</summary>
internal sealed class MergedLength
{
    /// <summary>The bytes, or a few more.</summary>
    public long Bytes { get; set; }
}
