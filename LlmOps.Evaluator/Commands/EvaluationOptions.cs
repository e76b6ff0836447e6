using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace LlmOps.Evaluator.Commands;

/// <summary>The options that all commands have which evaluate.</summary>
internal sealed class EvaluationOptions
{
    private readonly Option<string[]> _models = Many("--model", "-m", "The models that answer, each with each version, such as gpt-4o-mini,gemini-2.5-flash; by default the prompt's own, or the gateway's default.");
    private readonly Option<string?> _folder = new("--prompts") { Description = "The prompts folder; by default prompts, in the working directory.", HelpName = "folder" };
    private readonly Option<string?> _dataset = new("--dataset", "-d") { Description = "The cases: .jsonl, .csv or .yaml; by default as eval.yaml says, or prompts/NAME/dataset.jsonl.", HelpName = "file" };
    private readonly Option<string[]> _filter = new("--filter") { Description = "Only cases with it: tag=hard, tag!=long, id=inject-*, metadata.language=de. Several all hold.", HelpName = "condition" };
    private readonly Option<int?> _sample = Whole("--sample", "So many cases, drawn by the seed.");
    private readonly Option<int> _seed = new("--seed") { Description = "Of the draw, and of resampling.", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> _evaluators = new("--evaluator", "-e") { Description = "What answers are scored by, in place of eval.yaml's: rouge_l, length:max_words=60. docs/evaluators.md lists them.", HelpName = "evaluator" };
    private readonly Option<string?> _judge = new("--judge-model") { Description = "The model of judges; by default eval.yaml's, or that of their prompt.", HelpName = "model" };
    private readonly Option<int?> _repeats = Whole("--repeats", "How often each case is asked of each version; by default once.");
    private readonly Option<int> _concurrency = new("--concurrency", "-c") { Description = "The most calls at once.", DefaultValueFactory = _ => 8 };
    private readonly Option<Uri?> _gateway = new("--gateway", "-g") { CustomParser = ReadAddress, Description = "The address of a running gateway; by default one in this process answers.", HelpName = "url" };
    private readonly Option<string?> _key = new("--key", "-k") { Description = "Its key; by default LLMOPS_API_KEY, or LLMOPS_ADMIN_KEY.", HelpName = "key" };
    private readonly Option<int> _timeout = new("--timeout") { Description = "Seconds that a call may take.", DefaultValueFactory = _ => 120 };
    private readonly Option<bool> _cache = new("--use-cache") { Description = "Answers may come from the gateway's caches; their latency and cost are then those of a look-up." };
    private readonly Option<bool> _fresh = new("--fresh") { Description = "Asks for everything anew, also for what is there from an earlier evaluation." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on with the last evaluation, which was interrupted." };
    private readonly Option<decimal?> _cost = new("--max-cost") { Description = "The most US dollars that the evaluation may spend, judges included.", HelpName = "usd" };
    private readonly Option<double> _confidence = new("--confidence") { Description = "Of intervals and verdicts.", DefaultValueFactory = _ => 0.95 };
    private readonly Option<int?> _cases = Whole("--min-cases", "Fewer cases are too few for a verdict; by default 10.");
    private readonly Option<string[]> _fail = new("--fail-if") { Description = "A rule that ends it with 1 where it holds: \"rouge_l drops > 0.02 significantly\". Several; in place of eval.yaml's.", HelpName = "rule" };
    private readonly Option<string[]> _detect = new("--detect") { Description = "How many cases would it take to see it: rouge_l=0.02.", HelpName = "metric=effect" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The folder for answers and reports.", HelpName = "folder", DefaultValueFactory = _ => "evaluations" };
    private readonly Option<string[]> _publish = Many("--publish", null, "Who else is told of it: gateway, mlflow, langfuse.");

    public EvaluationOptions()
    {
        Whole(_sample, 1);
        Whole(_repeats, 1, 1_000);
        Whole(_cases, 2);
        Whole(_concurrency, 1, 10_000);
        Whole(_timeout, 1, 86_400);
        Within(_cost, "US dollars, above 0", number => number > 0);
        Within(_confidence, "a number from 0.5 to 0.999", number => number is >= 0.5m and <= 0.999m);
        NotEmpty(_folder);
        NotEmpty(_dataset);
        NotEmpty(_output);
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
        [
            _models, _dataset, _filter, _sample, _seed, _evaluators, _judge, _repeats, _gateway, _key, _concurrency, _timeout, _cache, _fresh, _resume, _cost,
            _confidence, _cases, _fail, _detect, _folder, _output, _publish,
        ])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What is asked for by them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="versions">Versions or labels, the baseline first.</param>
    public EvaluationRequest Read(ParseResult parsed, string prompt, IReadOnlyList<string> versions) => new()
    {
        Prompt = prompt,
        Versions = versions,
        Models = parsed.GetValue(_models) ?? [],
        Folder = parsed.GetValue(_folder),
        Dataset = parsed.GetValue(_dataset),
        Filter = parsed.GetValue(_filter) ?? [],
        Sample = parsed.GetValue(_sample),
        Seed = parsed.GetValue(_seed),
        Evaluators = parsed.GetValue(_evaluators) ?? [],
        JudgeModel = parsed.GetValue(_judge),
        Repeats = parsed.GetValue(_repeats),
        Concurrency = parsed.GetValue(_concurrency),
        Gateway = parsed.GetValue(_gateway),
        Key = KeyOf(parsed.GetValue(_key), Environment.GetEnvironmentVariable("LLMOPS_API_KEY"), Environment.GetEnvironmentVariable("LLMOPS_ADMIN_KEY")),
        Timeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
        UsesCache = parsed.GetValue(_cache),
        IsFresh = parsed.GetValue(_fresh),
        Resumes = parsed.GetValue(_resume),
        MaxCostUsd = parsed.GetValue(_cost),
        Confidence = parsed.GetValue(_confidence),
        MinCases = parsed.GetValue(_cases),
        FailIf = parsed.GetValue(_fail) ?? [],
        Detect = parsed.GetValue(_detect) ?? [],
        Output = parsed.GetValue(_output)!,
        Publish = parsed.GetValue(_publish) ?? [],
    };

    // An empty one is not configured.
    private static string? KeyOf(params IEnumerable<string?> keys) => keys.FirstOrDefault(key => !string.IsNullOrWhiteSpace(key))?.Trim() is not { } key ? null
        : key.All(letter => letter is > ' ' and <= '~') ? key
        : throw new BadInputException("The key has characters that no key has; expected visible ASCII characters, without spaces.");

    private static Option<int?> Whole(string name, string description) => new(name) { Description = description, HelpName = "number" };

    // One value with commas, or the option several times.
    private static Option<string[]> Many(string name, string? alias, string description) => new(name, alias is null ? [] : [alias])
    {
        Description = description,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    private static void Whole(Option option, int least, int most = int.MaxValue) =>
        Within(option, most == int.MaxValue ? $"a whole number from {least}" : $"a whole number from {least} to {most}", number => number >= least && number <= most && number == Math.Floor(number));

    private static void NotEmpty(Option option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var path }] && string.IsNullOrWhiteSpace(path))
        {
            result.AddError($"{option.Name} is empty; expected {option.HelpName}.");
        }
    });

    // What is no number at all, the option's own type refuses as well.
    private static void Within(Option option, string expected, Predicate<decimal> isRight) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(decimal.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && isRight(number)))
        {
            result.AddError($"{option.Name} is '{token.Value}'; expected {expected}.");
        }
    });

    private static Uri? ReadAddress(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" })
        {
            return address;
        }

        result.AddError($"--gateway is '{result.Tokens[0].Value}'; expected an address such as http://localhost:8080, without user, query and fragment.");
        return null;
    }
}
