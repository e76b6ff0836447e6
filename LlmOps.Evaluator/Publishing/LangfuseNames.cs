using System.Globalization;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry.Langfuse;

namespace LlmOps.Evaluator.Publishing;

/// <summary>How the parts of an evaluation are called in Langfuse: the same however often it is told.</summary>
internal sealed class LangfuseNames(EvaluationResult result)
{
    /// <summary>Longest name of a dataset.</summary>
    private const int LongestName = 200;

    private readonly Guid _id = Guid.Parse(result.Id);

    /// <summary>The dataset: the same for all evaluations of a prompt by a file of that name. Without a slash, as it is a part of paths.</summary>
    public string Dataset { get; } = Short($"{result.Prompt}-{Path.GetFileNameWithoutExtension(result.Run.Dataset)}".Replace('/', '-'));

    /// <summary>A case's id in the project; that of the same case of all evaluations.</summary>
    public string Item(CaseResult of) => LangfuseIds.Of($"{Dataset}/{of.Id}");

    /// <summary>An experiment's id. Langfuse has one answer for each item of one, so that each repeat has its own.</summary>
    public string Experiment(AnswerResult of) => LangfuseIds.Of(_id, $"experiment/{Key(of)}");

    /// <summary>An experiment's name, which is that of a dataset's run: version, evaluation and, from the second on, repeat.</summary>
    public string Run(AnswerResult of) =>
        Short(string.Create(CultureInfo.InvariantCulture, $"{of.Variant.Replace('/', ' ')} {_id}{(of.Repeat == 1 ? "" : $" repeat {of.Repeat}")}"));

    /// <summary>The id of an answer's trace: 32 hexadecimal digits.</summary>
    public string Trace(CaseResult of, AnswerResult answer) => Part("trace", of, answer).Replace("-", "", StringComparison.Ordinal);

    /// <summary>The id of the one span of a trace: 16 hexadecimal digits.</summary>
    public static string Span(string trace) => trace[16..];

    /// <summary>The id of a part of what is told of an answer: a UUID.</summary>
    public string Part(string part, CaseResult of, AnswerResult answer) => LangfuseIds.Of(_id, $"{part}/{Key(answer)}/{of.Id}");

    private static string Key(AnswerResult of) => string.Create(CultureInfo.InvariantCulture, $"{of.Variant}/{of.Repeat}");

    private static string Short(string name) => name.Length > LongestName ? name[^LongestName..] : name;
}
