namespace LlmOps.Gateway.Statistics;

/// <summary>A range of values, both ends included, in the unit of what it is an interval of.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end, not below <paramref name="Low"/>.</param>
internal readonly record struct Interval(double Low, double High)
{
    /// <summary>From one end to the other.</summary>
    public double Width => High - Low;

    /// <summary>Whether a value lies within.</summary>
    public bool Contains(double value) => value >= Low && value <= High;
}
