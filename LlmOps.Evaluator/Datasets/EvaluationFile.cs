using System.Text.Json;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Gates;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Datasets;

/// <summary>How a prompt is evaluated where nothing else is said: prompts/NAME/eval.yaml, all of which is optional.</summary>
internal sealed record EvaluationFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "eval.yaml";

    private const string DefaultDataset = "dataset.jsonl";
    private const int MostRepeats = 1_000;

    private static readonly string[] Datasets = [DefaultDataset, "dataset.ndjson", "dataset.csv", "dataset.yaml", "dataset.yml"];
    private static readonly string[] Fields = ["dataset", "evaluators", "baseline", "judge_model", "repeats", "fail_if", "detect", "min_cases", "max_missing"];

    /// <summary>The dataset's full path, whether it is there or not.</summary>
    public required string Dataset { get; init; }

    /// <summary>What answers are scored by.</summary>
    public IReadOnlyList<EvaluatorSpec> Evaluators { get; init; } = [];

    /// <summary>The version or label that others are compared with; null for the first that is named.</summary>
    public string? Baseline { get; init; }

    /// <summary>The model that judges; null for the judges' own.</summary>
    public string? JudgeModel { get; init; }

    /// <summary>How often each case is asked; null where it does not say.</summary>
    public int? Repeats { get; init; }

    /// <summary>When the gate fails; empty where it does not say.</summary>
    public IReadOnlyList<GateRule> FailIf { get; init; } = [];

    /// <summary>By metric, the difference that the evaluation should be able to see, above 0.</summary>
    public IReadOnlyDictionary<string, double> Detect { get; init; } = new Dictionary<string, double>();

    /// <summary>The fewest cases that a rule may judge by; null where it does not say.</summary>
    public int? MinCases { get; init; }

    /// <summary>What may be missing of a complete evaluation; null where it does not say.</summary>
    public MissingBound? MaxMissing { get; init; }

    /// <summary>Whether a folder has an eval.yaml, or a dataset that needs none.</summary>
    public static bool IsIn(string folder) => Datasets.Prepend(Name).Any(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>What eval.yaml in a folder says; where there is none, what holds without.</summary>
    /// <param name="folder">The prompt's folder.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">Something in it is wrong: all of it, with lines.</exception>
    public static async Task<EvaluationFile> OfFolderAsync(string folder, CancellationToken cancellationToken) =>
        File.Exists(Path.Combine(folder, Name)) ? await ReadAsync(Path.Combine(folder, Name), cancellationToken) : new EvaluationFile { Dataset = DatasetIn(folder) };

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">It cannot be read, or something in it is wrong: all of it, with lines.</exception>
    public static async Task<EvaluationFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var bytes = await InputFile.ReadAsync(path, "how a prompt is evaluated", cancellationToken);
        var faults = new FaultList(path);
        if (InputFile.Text(bytes, faults) is { } text)
        {
            try
            {
                var file = YamlText.Read(text, yaml => Read(yaml, Path.GetDirectoryName(Path.GetFullPath(path))!, faults));
                faults.ThrowIfAny();
                return file;
            }
            catch (PromptFileException exception)
            {
                faults.Add(exception.Line, exception.Message);
            }
        }

        throw new BadInputException(faults.Lines);
    }

    private static EvaluationFile Read(YamlText yaml, string folder, FaultList faults)
    {
        var (body, root) = (yaml.Body, yaml.Body.Root);
        foreach (var member in root.EnumerateObject().Where(member => !Fields.Contains(member.Name)))
        {
            faults.Add(yaml.LineOf(member.Name), $"{Shown.Short(member.Name)} is not known here; expected {string.Join(", ", Fields)}.");
        }

        T? Field<T>(string name, Func<JsonElement, T> read) =>
            JsonBody.Optional(root, name) is { } value ? faults.Read(() => read(value), default(T), field => yaml.LineOf(field)) : default;

        return new EvaluationFile
        {
            Dataset = Field("dataset", value => Path.GetFullPath(body.NonEmptyText(value, "a file beside this one"), folder)) ?? DatasetIn(folder),
            Evaluators = Field("evaluators", value => EvaluatorList.Read(body, value)) ?? [],
            Baseline = Field("baseline", value => VariableValue.Of(value) ?? throw body.Invalid(value, "a version or a label")),
            JudgeModel = Field("judge_model", value => body.NonEmptyText(value, "a model")),
            Repeats = Field("repeats", value => (int?)body.Integer(value, 1, MostRepeats)),
            FailIf = Field("fail_if", value => Rules(body, value)) ?? [],
            Detect = Field("detect", value => Effects(body, value)) ?? new Dictionary<string, double>(),
            MinCases = Field("min_cases", value => (int?)body.Integer(value, 1, int.MaxValue)),
            MaxMissing = Field("max_missing", value => VariableValue.Of(value) is { } text && MissingBound.TryParse(text, out var bound) ? bound : throw body.Invalid(value, MissingBound.Form)),
        };
    }

    // One of the names that datasets have beside a prompt. With two of them, which is meant is for eval.yaml to say.
    private static string DatasetIn(string folder)
    {
        List<string> there = [.. Datasets.Where(name => File.Exists(Path.Combine(folder, name)))];
        return there.Count > 1
            ? throw new BadInputException($"{new FaultList(folder).File}: There are {string.Join(" and ", there)}; expected one of them, or {Name} that says which: dataset: {there[0]}.")
            : Path.GetFullPath(there.FirstOrDefault() ?? DefaultDataset, Path.GetFullPath(folder));
    }

    private static List<GateRule> Rules(JsonBody body, JsonElement value)
    {
        List<GateRule> rules = [];
        foreach (var item in body.Array(value, "a list of rules").EnumerateArray())
        {
            try
            {
                rules.Add(GateRule.Parse(body.NonEmptyText(item, "a rule")));
            }
            catch (BadInputException exception)
            {
                var path = body.PathOf(item);
                throw new GatewayException(ErrorCode.InvalidValue, $"{path}: {exception.Message}", path, exception);
            }
        }

        return rules;
    }

    private static Dictionary<string, double> Effects(JsonBody body, JsonElement value) =>
        body.Object(value, "a difference for each metric").EnumerateObject().ToDictionary(
            member => member.Name,
            member => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out var effect) && effect > 0 && double.IsFinite(effect) ? effect : throw body.Invalid(member.Value, "a number above 0"));
}
