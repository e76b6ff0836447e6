namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What has come of an experiment: its variants' requests, summed up.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Variants">Its variants, in their order.</param>
/// <param name="MixedUnits">Units that saw more than one variant, and are counted with none.</param>
/// <param name="IsTruncated">Whether there are more requests than are read.</param>
internal sealed record ExperimentReading(Experiment Experiment, IReadOnlyList<VariantReading> Variants, int MixedUnits, bool IsTruncated)
{
    /// <summary>The most requests of an experiment that are read: the latest ones.</summary>
    public const int MostRequests = 1_000_000;

    /// <summary>Reads it.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="table">Where its requests are.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
    public static async Task<ExperimentReading> ReadAsync(Experiment experiment, ExposureTable table, CancellationToken cancellationToken)
    {
        var definitions = experiment.Definition.Variants;
        var indices = definitions.Select((variant, index) => (variant.Name, index)).ToDictionary(pair => pair.Name, pair => pair.index);
        Dictionary<string, UnitSums> units = [];
        List<(UnitSums Unit, SeenAnswer Answer)> seen = [];
        await foreach (var row in table.ReadAsync(experiment.Name, MostRequests, cancellationToken))
        {
            if (!indices.TryGetValue(row.Variant, out var variant))
            {
                continue;
            }

            if (!units.TryGetValue(row.Unit, out var unit))
            {
                units[row.Unit] = unit = new UnitSums(variant);
            }

            unit.IsMixed |= unit.Variant != variant;
            var answer = SeenAnswer.Of(row);
            unit.Add(answer);
            seen.Add((unit, answer));
        }

        VariantReading[] variants = [.. definitions.Select(variant => new VariantReading(variant, experiment.PausedVariants.Contains(variant.Name)))];
        foreach (var unit in units.Values.Where(unit => !unit.IsMixed))
        {
            variants[unit.Variant].Add(unit);
        }

        foreach (var (unit, answer) in seen.Where(each => !each.Unit.IsMixed))
        {
            variants[unit.Variant].Add(answer);
        }

        return new ExperimentReading(experiment, variants, units.Values.Count(unit => unit.IsMixed), seen.Count == MostRequests);
    }
}
