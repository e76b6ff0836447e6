using System.Globalization;

namespace LlmOps.Tests.Evaluator.Reports;

/// <summary>A number as a reader takes it from a report, without the code that wrote it.</summary>
internal static class ShownNumber
{
    /// <summary>Asserts that a text is a value of report.json, rounded to the digits that are shown.</summary>
    /// <param name="shown">Such as −4.2 pp, $0.00120, 812 ms.</param>
    /// <param name="value">What the JSON says.</param>
    /// <param name="isRate">Whether it is shown in per cent.</param>
    public static void ShouldBeOf(string shown, double value, bool isRate)
    {
        var digits = new string([.. shown.Where(each => char.IsAsciiDigit(each) || each == '.')]);
        var number = double.Parse(digits, CultureInfo.InvariantCulture) * (shown.Contains('−', StringComparison.Ordinal) ? -1 : 1) / (isRate ? 100 : 1);
        var behindPoint = digits.Contains('.', StringComparison.Ordinal) ? digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        var halfDigit = 0.5 * Math.Pow(10, -behindPoint) / (isRate ? 100 : 1);
        Math.Abs(number - value).ShouldBeLessThanOrEqualTo(halfDigit + 1e-12, $"'{shown}' is not {value}");
        digits.Length.ShouldBeGreaterThan(0);
    }
}
