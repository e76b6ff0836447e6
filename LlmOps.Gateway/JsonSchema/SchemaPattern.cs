using System.Text.RegularExpressions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>A compiled regular expression of a schema.</summary>
/// <param name="source">As it stands in the schema.</param>
/// <param name="regex">What it was translated to; it has a timeout.</param>
internal sealed class SchemaPattern(string source, Regex regex)
{
    /// <summary>As it stands in the schema.</summary>
    public string Source => source;

    /// <summary>Whether it is found somewhere in a text; false also where that takes more steps or time than the run has left.</summary>
    public bool IsIn(string text, Validation run)
    {
        if (!run.Spend(text.Length))
        {
            return false;
        }

        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var isIn = regex.IsMatch(text);
            return run.SpendOnPatterns(TimeProvider.System.GetElapsedTime(start)) && isIn;
        }
        catch (RegexMatchTimeoutException)
        {
            return run.SpendOnPatterns(regex.MatchTimeout);
        }
    }
}
