using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>Whether an answer is in a language: a given one, that of a variable, that which the metadata names, or else the expected text, a code. Where the language cannot be told it does not apply.</summary>
internal sealed partial class LanguageEvaluator : LocalEvaluator
{
    private readonly string? _code;
    private readonly string? _variable;
    private readonly string? _metadata;

    /// <exception cref="BadInputException">The code is none that is known, or more than one of the settings is given.</exception>
    public LanguageEvaluator(SettingsReader settings)
        : base(settings, settings.Metric(MetricKind.Pass))
    {
        (_code, _variable, _metadata) = (settings.Text("code"), settings.Text("of"), settings.Text("metadata"));
        string?[] given = [_code, _variable, _metadata];
        if (given.Count(each => each is not null) > 1)
        {
            throw settings.Fault("more than one of code, of and metadata is given; expected one of them.");
        }

        if (_code is not null && !LanguageDetector.Codes.Contains(Plain(_code)))
        {
            throw settings.Fault("code", $"one of {string.Join(", ", LanguageDetector.Codes.Order(StringComparer.Ordinal))}");
        }
    }

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        var wanted = _variable is not null
            ? answer.Case.Variables.TryGetValue(_variable, out var text) ? LanguageDetector.Detect(text)?[0] : null
            : CodeFor(answer);
        if (wanted is null)
        {
            return null;
        }

        if (!Code().IsMatch(wanted))
        {
            return Score.Failed($"{Quoted.Short(wanted)} is no language's code; expected one such as de or pt-BR.");
        }

        return !LanguageDetector.Codes.Contains(Plain(wanted)) || LanguageDetector.Detect(answer.Answer.Text) is not { } found ? null
            : found.Contains(Plain(wanted)) ? Score.Of(true)
            : Score.Of(false, $"it is in {found[0]}, not in {Plain(wanted)}");
    }

    private string? CodeFor(ScoredAnswer answer) => _code
        ?? (_metadata is null ? answer.Case.ExpectedText : CaseMetadata.Find(answer.Case, _metadata) is { } code ? code.ValueKind == JsonValueKind.String ? code.GetString() : code.GetRawText() : null);

    // Of pt-BR the language, pt.
    private static string Plain(string code) => code.Trim().Split('-', '_')[0].ToLowerInvariant();

    [GeneratedRegex("^ *[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})* *$")]
    private static partial Regex Code();
}
