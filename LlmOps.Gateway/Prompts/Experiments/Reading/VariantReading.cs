using LlmOps.Gateway.Statistics;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What the requests of one variant were like, without those of units that saw several.</summary>
internal sealed class VariantReading(VariantDefinition definition, bool isPaused)
{
    private readonly List<double>[] _units = [.. Enum.GetValues<Measure>().Select(_ => new List<double>())];

    /// <summary>The variant.</summary>
    public VariantDefinition Definition { get; } = definition;

    /// <summary>Whether nobody sees it any more.</summary>
    public bool IsPaused { get; } = isPaused;

    /// <summary>Units that saw it.</summary>
    public int Units { get; private set; }

    /// <summary>Requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Requests that failed.</summary>
    public int Errors { get; private set; }

    /// <summary>Requests that their caller gave up.</summary>
    public int Abandoned { get; private set; }

    /// <summary>Milliseconds of the fresh answers.</summary>
    public List<double> FreshMs { get; } = [];

    /// <summary>Milliseconds of the answers from a cache.</summary>
    public List<double> CachedMs { get; } = [];

    /// <summary>Answers by the value of X-LlmOps-Cache.</summary>
    public SortedDictionary<string, int> Cache { get; } = new(StringComparer.Ordinal);

    /// <summary>Tokens of the fresh answers that tell them.</summary>
    public Moments Tokens { get; private set; }

    /// <summary>Dollars of the fresh answers whose cost is known.</summary>
    public Moments Cost { get; private set; }

    /// <summary>Scores.</summary>
    public Moments Scores { get; private set; }

    /// <summary>Whether every score is 0 or 1, so that they are a proportion.</summary>
    public bool ScoresAreBinary { get; private set; } = true;

    /// <summary>Whether every unit has one request.</summary>
    public bool HasSingleRequests => Units == Requests;

    /// <summary>The units' values of a measure, those that have one.</summary>
    public IReadOnlyList<double> ValuesOf(Measure measure) => _units[(int)measure];

    /// <summary>The same as an array for tests.</summary>
    public double[] ArrayOf(Measure measure) => [.. _units[(int)measure]];

    /// <summary>
    /// Their moments, for bounds that hold at every look. Of what is 0 or 1 with one of each more (Agresti, Caffo 2000, "Simple and effective confidence
    /// intervals for proportions and differences of proportions"), as where all have failed, or none has, no variance would be seen at all.
    /// </summary>
    public Moments MomentsOf(Measure measure)
    {
        var moments = Moments.Of(ArrayOf(measure));
        return measure == Measure.ErrorRate || (measure == Measure.Feedback && ScoresAreBinary) ? moments.Add(0).Add(1) : moments;
    }

    /// <summary>Takes in a unit that is complete.</summary>
    public void Add(UnitSums unit)
    {
        Units++;
        foreach (var measure in Enum.GetValues<Measure>())
        {
            if (unit.MeanOf(measure) is { } mean)
            {
                _units[(int)measure].Add(mean);
            }
        }
    }

    /// <summary>Takes in a request.</summary>
    public void Add(SeenAnswer answer)
    {
        Requests++;
        if (answer.IsAbandoned)
        {
            Abandoned++;
        }
        else if (!answer.IsAnswered)
        {
            Errors++;
        }
        else
        {
            Cache[answer.Cache] = Cache.GetValueOrDefault(answer.Cache) + 1;
            (answer.IsFresh ? FreshMs : CachedMs).Add(answer.Milliseconds);
        }

        if (answer.IsFresh)
        {
            Tokens = answer.Tokens is { } tokens ? Tokens.Add(tokens) : Tokens;
            Cost = answer.Dollars is { } dollars ? Cost.Add(dollars) : Cost;
        }

        if (answer.Score is { } score)
        {
            Scores = Scores.Add(score);
            ScoresAreBinary &= score is 0 or 1;
        }
    }
}
