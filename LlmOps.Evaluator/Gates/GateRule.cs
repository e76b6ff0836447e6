using System.Globalization;
using System.Text.RegularExpressions;

namespace LlmOps.Evaluator.Gates;

/// <summary>When an evaluation does not pass.</summary>
/// <param name="Text">The rule as it was written.</param>
internal abstract partial record GateRule(string Text)
{
    /// <summary>What rules look like, for messages.</summary>
    public const string Form =
        "METRIC drops|rises|worsens|improves [> NUMBER [%]] [significantly], METRIC <|<=|>|>= NUMBER, any metric worsens [> NUMBER [%]] [significantly], each with [in TAG], or missing > NUMBER [%]";

    /// <summary>What holds for comparisons where no rule is given.</summary>
    public static readonly GateRule Default = Parse("any metric worsens significantly");

    /// <summary>The metric it is about; null for all that say how good an answer is, or none.</summary>
    public virtual string? Metric => null;

    /// <summary>The tag of the cases it is about; null for all cases.</summary>
    public virtual string? Tag => null;

    /// <summary>Whether it compares variants with the baseline, so that it says nothing of one variant alone.</summary>
    public virtual bool NeedsBaseline => false;

    /// <summary>What it says of an evaluation whose metrics and tags are those that it names.</summary>
    public abstract RuleFinding Judge(GateFacts facts);

    /// <summary>Reads one. Its words are known in upper and lower case; metrics and tags are not changed.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static GateRule Parse(string text)
    {
        text = text.Trim();
        if (MissingForm().Match(text) is { Success: true } missing)
        {
            return MissingBound.TryParse(missing.Groups["bound"].Value, out var bound) ? new MissingRule(text, bound!) : throw Invalid(text, $"expected missing > {MissingBound.Form}");
        }

        if (ChangeForm().Match(text) is { Success: true } change)
        {
            var (metric, verb) = (Metrics(change), Enum.Parse<ChangeVerb>(change.Groups["verb"].Value, ignoreCase: true));
            var amount = Number(text, change.Groups["amount"]);
            return metric is null && verb != ChangeVerb.Worsens ? throw Invalid(text, "metrics get better in different directions; expected any metric worsens")
                : amount < 0 ? throw Invalid(text, "expected an amount of at least 0, the verb says which way")
                : new ChangeRule(text, metric, verb, amount, change.Groups["percent"].Success, change.Groups["significantly"].Success, TagOf(change));
        }

        return BoundForm().Match(text) is { Success: true } match && Metrics(match) is { } bounded
            ? new BoundRule(text, bounded, match.Groups["operator"].Value, Number(text, match.Groups["amount"])!.Value, TagOf(match))
            : throw Invalid(text, $"expected {Form}");
    }

    private static BadInputException Invalid(string text, string reason) => new($"'{text}' is no rule; {reason}.");

    // Null for any; a metric's name has no white space.
    private static string? Metrics(Match match) => match.Groups["metric"].Value is var name && name.Any(char.IsWhiteSpace) ? null : name;

    private static string? TagOf(Match match) => match.Groups["tag"] is { Success: true, Value: var tag } ? tag : null;

    private static double? Number(string text, Group group) =>
        !group.Success ? null
        : double.TryParse(group.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw Invalid(text, $"{group.Value} is no number");

    private const string MetricPart = @"(?<metric>any\s+metric|[\p{L}\p{N}_./-]+)";
    private const string AmountPart = @"(?<amount>-?(\d+(\.\d+)?|\.\d+)(e[-+]?\d+)?)";
    private const string TagPart = @"(\s+(in|for\s+tag)\s+(?<tag>\S.*))?$";

    [GeneratedRegex(@"^missing\s*>\s*(?<bound>.+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MissingForm();

    [GeneratedRegex("^" + MetricPart + @"\s+(?<verb>drops|rises|worsens|improves)(\s*>\s*" + AmountPart + @"\s*(?<percent>%)?)?(?<significantly>\s+significantly)?" + TagPart, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ChangeForm();

    [GeneratedRegex("^" + MetricPart + @"\s*(?<operator><=|>=|<|>)\s*" + AmountPart + TagPart, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BoundForm();
}
