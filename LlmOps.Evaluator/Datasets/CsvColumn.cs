namespace LlmOps.Evaluator.Datasets;

/// <summary>What a column of a CSV file holds.</summary>
/// <param name="Field">The field of a case.</param>
/// <param name="Name">Which variable, key of the metadata, metric or reference; empty for a field that has one value.</param>
/// <param name="Version">The version whose answer a person labelled; null for other fields.</param>
internal sealed record CsvColumn(string Field, string Name, string? Version = null)
{
    /// <summary>
    /// The column of a name: id, expected, reference, reference_1, tags, weight, evaluators, metadata.KEY, human.METRIC.VERSION,
    /// variables.NAME; every other one is the variable of its name.
    /// </summary>
    public static CsvColumn Parse(string name) => name switch
    {
        "id" or "expected" or "tags" or "weight" or "evaluators" => new CsvColumn(name, ""),
        "reference" => new CsvColumn("references", ""),
        _ when name.StartsWith("reference_", StringComparison.Ordinal) && name.Length > 10 && name[10..].All(char.IsAsciiDigit) => new CsvColumn("references", name[10..]),
        _ when Within(name, "metadata.") is { } key => new CsvColumn("metadata", key),
        _ when Within(name, "variables.") is { } variable => new CsvColumn("variables", variable),
        _ when Within(name, "human.") is { } label && label.LastIndexOf('.') is > 0 and var dot => new CsvColumn("human", label[..dot], label[(dot + 1)..]),
        _ => new CsvColumn("variables", name),
    };

    private static string? Within(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
}
