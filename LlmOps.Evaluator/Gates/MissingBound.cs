using System.Globalization;

namespace LlmOps.Evaluator.Gates;

/// <summary>How much may be missing: so many, or a share of what there should be.</summary>
/// <param name="Count">The most; null where it is a share.</param>
/// <param name="Share">The largest share, 0 to 1; null where it is a number.</param>
internal sealed record MissingBound(long? Count, double? Share)
{
    /// <summary>What one looks like, for messages.</summary>
    public const string Form = "a whole number, or a share such as 0.02 or 2 %";

    /// <summary>Nothing.</summary>
    public static readonly MissingBound None = new(0, null);

    /// <summary>Reads one: 3 is a number, 0.02 and 2 % are shares.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static MissingBound Parse(string text) => TryParse(text, out var bound) ? bound! : throw new BadInputException($"'{text}' does not say how much may be missing; expected {Form}.");

    /// <summary>Reads one, where it is one.</summary>
    public static bool TryParse(string text, out MissingBound? bound)
    {
        var isPercent = text.EndsWith('%');
        bound = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? new MissingBound(count, null)
            : double.TryParse(isPercent ? text[..^1].Trim() : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && (isPercent ? number / 100 : number) is >= 0 and <= 1 and var share ? new MissingBound(null, share)
            : null;
        return bound is not null;
    }

    /// <summary>Whether no more is missing.</summary>
    /// <param name="missing">What is.</param>
    /// <param name="of">What there should be.</param>
    public bool Allows(long missing, long of) => missing <= (Count ?? Share!.Value * of);

    /// <summary>It as it is read.</summary>
    public override string ToString() => Count is { } count ? count.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Share * 100:0.###} %");
}
