using System.Globalization;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Maths;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>Finds numbers in a text and reads them exactly, so that 1.1 is within 0.1 of 1.</summary>
internal static partial class NumberText
{
    private const int LongestExponent = 300;

    /// <summary>The numbers of a text in its order. Those within words (v2) are none; groups of three digits may have a mark between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="hasDecimalComma">Whether a comma stands before decimals, and a point between groups of digits, not the other way round.</param>
    public static IReadOnlyList<Rational> All(string text, bool hasDecimalComma = false)
    {
        List<Rational> numbers = [];
        foreach (var match in (hasDecimalComma ? WithComma() : WithPoint()).Matches(text).Cast<Match>())
        {
            if (Read(match) is { } number)
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    /// <summary>The number that a whole text is; null where it is none.</summary>
    public static Rational? Whole(string text) => WithPoint().Match(text.Trim()) is { Success: true } match && match.Length == text.Trim().Length ? Read(match) : null;

    // Null for one that is too long to calculate with.
    private static Rational? Read(Match match)
    {
        var digits = new string([.. match.Groups["whole"].Value.Where(char.IsAsciiDigit)]) + (match.Groups["decimals"] is { Success: true } decimals ? "." + decimals.Value : "");
        var scale = match.Groups["exponent"] is { Success: true } given
            ? int.TryParse(given.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && Math.Abs(exponent) <= LongestExponent ? Rational.Of(10).Pow(exponent) : null
            : Rational.Of(1);
        if (digits.Length > LongestExponent || scale is null)
        {
            return null;
        }

        var number = Rational.Parse(digits) * scale.Value;
        return match.Groups["minus"].Success ? -number : number;
    }

    // Not within a word or a number; a hyphen after either means no minus.
    private const string Minus = @"(?<minus>[-−])?";
    private const string Exponent = @"(?:[eE](?<exponent>[+-]?[0-9]{1,9})(?![\p{L}\p{N}]))?";
    private const string Spaces = "\u00a0\u202f\u2009'’";

    [GeneratedRegex(@"(?<![\p{L}\p{N}_.])" + Minus + "(?:(?<whole>[0-9]{1,3}(?:(?<mark>[," + Spaces + @"])[0-9]{3}(?![0-9]))(?:\k<mark>[0-9]{3}(?![0-9]))*|[0-9]+)(?:\.(?<decimals>[0-9]+))?|\.(?<decimals>[0-9]+))" + Exponent)]
    private static partial Regex WithPoint();

    [GeneratedRegex(@"(?<![\p{L}\p{N}_,])" + Minus + "(?:(?<whole>[0-9]{1,3}(?:(?<mark>[." + Spaces + @"])[0-9]{3}(?![0-9]))(?:\k<mark>[0-9]{3}(?![0-9]))*|[0-9]+)(?:,(?<decimals>[0-9]+))?|,(?<decimals>[0-9]+))" + Exponent)]
    private static partial Regex WithComma();
}
