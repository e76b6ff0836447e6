using System.Globalization;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Results;

/// <summary>
/// Numbers as reports show them: rates in per cent and their differences in percentage points, money in dollars, all else with about three
/// digits. The HTML report's numbers.js has the same rules, and a test holds them together.
/// </summary>
internal static class ReportNumbers
{
    /// <summary>What stands for a value that is not there.</summary>
    public const string None = "–";

    private const string Minus = "−";
    private const int MostDigits = 12;

    // What sums of the same numbers in another order leave over is no difference.
    private const double Rounding = 1e-12;

    // What lies in the middle is rounded up, here as in a browser, whose rule for it is another one.
    private const double UpFromMiddle = 1 + 1e-12;

    /// <summary>A metric's value: 83.3 %, $0.00120, 812 ms.</summary>
    public static string Value(double? value, Metric metric) => value is { } known ? Shown(known, metric, "", " %") : None;

    /// <summary>A difference of two values, with its sign: +4.2 pp.</summary>
    public static string Difference(double? difference, Metric metric) => difference is { } known ? Shown(known, metric, "+", " pp") : None;

    /// <summary>How large a difference is, without its sign: 4.2 pp.</summary>
    public static string Magnitude(double difference, Metric metric) => Shown(Math.Abs(difference), metric, "", " pp");

    /// <summary>From the lower end to the upper one, the unit said once; as differences, with their signs.</summary>
    public static string DifferenceInterval(Interval? interval, Metric metric) =>
        interval is { } known ? $"{Shown(known.Low, metric, "+", "", unit: false)} to {Shown(known.High, metric, "+", " pp")}" : None;

    /// <summary>From the lower end to the upper one, the unit said once.</summary>
    public static string ValueInterval(Interval? interval, Metric metric) =>
        interval is { } known ? $"{Shown(known.Low, metric, "", "", unit: false)} to {Shown(known.High, metric, "", " %")}" : None;

    /// <summary>A number without a unit; null as <see cref="None"/>.</summary>
    public static string Number(double? value) => value is { } known ? Sign(known, "") + Plain(Size(known)) : None;

    /// <summary>A p-value, which is never said to be 0.</summary>
    public static string PValue(double? value) => value switch
    {
        null => None,
        < 0.001 => "< 0.001",
        { } known => Fixed(known, 3),
    };

    /// <summary>A share as a whole per cent: 95 %.</summary>
    public static string Share(double share) => Percent(share * 100) + " %";

    /// <summary>US dollars.</summary>
    public static string Usd(double value) => $"{Sign(value, "")}${Money(Size(value))}";

    private static string Shown(double value, Metric metric, string plus, string rateUnit, bool unit = true) => metric switch
    {
        { Kind: MetricKind.Pass } => $"{Sign(value, plus)}{Rate(Size(value) * 100)}{rateUnit}",
        { Unit: "USD" } => $"{Sign(value, plus)}${Money(Size(value))}",
        { Unit: { } name } when unit => $"{Sign(value, plus)}{Plain(Size(value))} {name}",
        _ => Sign(value, plus) + Plain(Size(value)),
    };

    private static string Sign(double value, string plus) => Size(value) == 0 ? "" : value > 0 ? plus : Minus;

    private static double Size(double value) => Math.Abs(value) < Rounding ? 0 : Math.Abs(value);

    private static string Plain(double size) => size switch
    {
        >= 100 => Fixed(size, 0),
        _ when size == Math.Floor(size) => Fixed(size, 0),
        >= 10 => Fixed(size, 1),
        >= 1 => Fixed(size, 2),
        >= 0.001 => Fixed(size, 3),
        _ => Fixed(size, Places(size) + 1),
    };

    private static string Rate(double percent) => percent is > 0 and < 0.1 ? Plain(percent) : Fixed(percent, 1);

    private static string Percent(double percent) => percent.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Money(double size) => size is 0 or >= 1 ? Fixed(size, 2) : Fixed(size, Places(size) + 2);

    // The place of the first digit behind the point that is not 0. By multiplying, as a logarithm's last digit is not the same everywhere.
    private static int Places(double size)
    {
        var places = 0;
        for (var scaled = size; scaled < 1 && places < MostDigits; scaled *= 10)
        {
            places++;
        }

        return places;
    }

    private static string Fixed(double size, int digits) => (size * UpFromMiddle).ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
