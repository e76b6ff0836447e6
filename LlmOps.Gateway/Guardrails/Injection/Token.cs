namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>A word of a scanned text: which one of the vocabulary, and how it stands there.</summary>
/// <param name="Word">Its number in the vocabulary; <see cref="Unknown"/> for all words that no rule names.</param>
/// <param name="Marks">How it stands in the text.</param>
internal readonly record struct Token(ushort Word, TokenMarks Marks)
{
    /// <summary>A word that no rule names; it only fills a gap.</summary>
    public const ushort Unknown = 0;

    /// <summary>The end of a sentence or paragraph.</summary>
    public const ushort Break = 1;

    /// <summary>Whether a sentence or paragraph ends here.</summary>
    public bool IsBreak => Word == Break;

    /// <summary>Whether it stands in quotation marks or code.</summary>
    public bool IsQuoted => (Marks & TokenMarks.Quoted) != 0;
}

/// <summary>How a word stands in the text.</summary>
[Flags]
internal enum TokenMarks : byte
{
    /// <summary>As any other.</summary>
    None = 0,

    /// <summary>In quotation marks or code.</summary>
    Quoted = 1,

    /// <summary>First of its line or sentence.</summary>
    Start = 2,

    /// <summary>A colon follows.</summary>
    Colon = 4,
}
