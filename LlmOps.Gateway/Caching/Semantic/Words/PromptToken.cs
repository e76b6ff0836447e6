namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>What a piece of a prompt is.</summary>
internal enum PromptTokenKind
{
    /// <summary>A word, or a run of letters of a script without spaces.</summary>
    Word,

    /// <summary>A number, as digits.</summary>
    Number,

    /// <summary>An operator, a bracket, a currency, a flag of a command line, an emoji.</summary>
    Symbol,

    /// <summary>A comma, or the end of a sentence.</summary>
    Break,
}

/// <summary>A piece of a prompt.</summary>
/// <param name="Text">What it says; of a word, as it is written.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsFirst">Whether it begins a sentence, where a capital says nothing.</param>
internal readonly record struct PromptToken(string Text, PromptTokenKind Kind, bool IsFirst = false)
{
    /// <summary>Whether it is a certain word, or break, in lower case.</summary>
    public bool Is(string text) => Kind is PromptTokenKind.Word or PromptTokenKind.Break && Text == text;

    /// <inheritdoc/>
    public override string ToString() => Text;
}
