namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>What of two texts does not count when they are compared.</summary>
/// <param name="IgnoresCase">Whether letter case does not.</param>
/// <param name="IgnoresSpace">Whether it does not matter which white space it is, and how much.</param>
internal sealed record TextForm(bool IgnoresCase, bool IgnoresSpace)
{
    /// <summary>Reads the settings ignore_case and normalize.</summary>
    public static TextForm Read(SettingsReader settings) => new(settings.Flag("ignore_case"), settings.Choice("normalize", "none", "whitespace") == "whitespace");

    /// <summary>How texts of this form are compared.</summary>
    public StringComparison Comparison => IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The text without what does not count, but for its case.</summary>
    public string Of(string text) => IgnoresSpace ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : text;
}
