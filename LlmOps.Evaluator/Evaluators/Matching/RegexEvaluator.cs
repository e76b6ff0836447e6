using System.Text.RegularExpressions;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Whether a regular expression (.NET's) of the settings, or else the expected text, is found somewhere in an answer.</summary>
internal sealed class RegexEvaluator : LocalEvaluator
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly RegexOptions _options;
    private readonly Regex? _regex;

    /// <exception cref="BadInputException">The pattern is no regular expression.</exception>
    public RegexEvaluator(SettingsReader settings)
        : base(settings, settings.Metric(MetricKind.Pass))
    {
        _options = RegexOptions.CultureInvariant | (settings.Flag("ignore_case") ? RegexOptions.IgnoreCase : RegexOptions.None);
        if (settings.Text("pattern") is { } pattern)
        {
            try
            {
                _regex = new Regex(pattern, _options, Longest);
            }
            catch (RegexParseException exception)
            {
                throw settings.Fault("pattern", $"a regular expression ({exception.Message})");
            }
        }
    }

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (_regex is null && answer.Case.ExpectedText is not { Length: > 0 })
        {
            return null;
        }

        try
        {
            var regex = _regex ?? new Regex(answer.Case.ExpectedText!, _options, Longest);
            return regex.IsMatch(answer.Answer.Text) ? Score.Of(true) : Score.Of(false, $"{Quoted.Short(regex.ToString())} is not found in it");
        }
        catch (RegexParseException exception)
        {
            return Score.Failed($"The expected text is no regular expression: {exception.Message}");
        }
        catch (RegexMatchTimeoutException)
        {
            return Score.Failed($"The regular expression took more than {Longest.TotalSeconds:0} s.");
        }
    }
}
