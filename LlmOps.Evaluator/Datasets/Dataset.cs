using System.Globalization;
using System.Security.Cryptography;

namespace LlmOps.Evaluator.Datasets;

/// <summary>A file of cases.</summary>
/// <param name="Path">The file.</param>
/// <param name="Hash">SHA-256 of its bytes, in hex.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Cases">Its cases in their order, at least one.</param>
internal sealed record Dataset(string Path, string Hash, DatasetFormat Format, IReadOnlyList<EvaluationCase> Cases)
{
    /// <summary>The file's name.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">It cannot be read, or something in it is wrong: all of it, with lines.</exception>
    public static async Task<Dataset> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var faults = new FaultList(path);
        if (FormatOf(path) is not { } format)
        {
            throw new BadInputException($"{faults.File}: '{System.IO.Path.GetExtension(path)}' is no format of datasets; expected .jsonl, .ndjson, .csv, .yaml or .yml.");
        }

        var bytes = await InputFile.ReadAsync(path, "a dataset", cancellationToken);
        var cases = new CaseList(faults);
        switch (format)
        {
            case DatasetFormat.Jsonl:
                JsonlCases.Read(bytes, cases, faults);
                break;
            case DatasetFormat.Csv:
                CsvCases.Read(bytes, cases, faults);
                break;
            default:
                YamlCases.Read(bytes, cases, faults);
                break;
        }

        if (faults.Count == 0 && cases.Cases.Count == 0)
        {
            faults.Add(null, "It has no cases; expected at least one.");
        }

        faults.ThrowIfAny();
        return new Dataset(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), format, cases.Cases);
    }

    /// <summary>The dataset with some of its cases.</summary>
    /// <param name="filters">What holds of them, all of it.</param>
    /// <param name="sample">The most cases, drawn of those; null for all.</param>
    /// <param name="seed">Of the draw.</param>
    /// <exception cref="BadInputException">There are none.</exception>
    public Dataset Select(IReadOnlyList<CaseFilter> filters, int? sample, int seed)
    {
        List<EvaluationCase> left = [.. Cases.Where(each => filters.All(filter => filter.Matches(each)))];
        if (left.Count == 0)
        {
            var tags = Cases.SelectMany(each => each.Tags).Distinct().Order(StringComparer.Ordinal).ToList();
            throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{new FaultList(Path).File}: None of its {Cases.Count} cases fits {string.Join(" and ", filters.Select(filter => filter.Text))}; {(tags.Count == 0 ? "they have no tags" : $"their tags are {string.Join(", ", tags)}")}."));
        }

        return this with { Cases = sample is { } most ? CaseSample.Draw(left, most, seed) : left };
    }

    private static DatasetFormat? FormatOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".jsonl" or ".ndjson" => DatasetFormat.Jsonl,
        ".csv" => DatasetFormat.Csv,
        ".yaml" or ".yml" => DatasetFormat.Yaml,
        _ => null,
    };
}
