namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What one unit has seen: of a measure it counts once, with the mean of its requests, as requests of one user are not independent.</summary>
internal sealed class UnitSums(int variant)
{
    private readonly Sum[] _sums = new Sum[Enum.GetValues<Measure>().Length];

    /// <summary>The index of the variant that it saw.</summary>
    public int Variant { get; } = variant;

    /// <summary>Whether it saw another one too, so that it tells nothing of either.</summary>
    public bool IsMixed { get; set; }

    /// <summary>Its requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Takes in a request of it.</summary>
    public void Add(SeenAnswer answer)
    {
        Requests++;
        if (!answer.IsAbandoned)
        {
            Add(Measure.ErrorRate, answer.IsAnswered ? 0 : 1);
        }

        if (answer.IsFresh)
        {
            Add(Measure.LatencyMs, answer.Milliseconds);
            Add(Measure.Tokens, answer.Tokens);
            Add(Measure.CostUsd, answer.Dollars);
        }

        Add(Measure.Feedback, answer.Score);
    }

    /// <summary>Its mean of a measure; null where it has none.</summary>
    public double? MeanOf(Measure measure) => _sums[(int)measure] is { Count: > 0 } sum ? sum.Total / sum.Count : null;

    private void Add(Measure measure, double? value)
    {
        if (value is { } number)
        {
            var sum = _sums[(int)measure];
            _sums[(int)measure] = new Sum(sum.Total + number, sum.Count + 1);
        }
    }

    private readonly record struct Sum(double Total, int Count);
}
