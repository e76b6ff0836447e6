using System.CommandLine;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Labels;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary><c>promote NAME VERSION --if-better-than production</c>: moves a label to a version that is better.</summary>
internal sealed class PromoteCommand
{
    private const string Production = "production";

    private readonly Argument<string> _prompt = new("name") { Description = "The prompt." };
    private readonly Argument<string> _version = new("version") { Description = "The version that the label is to name." };
    private readonly Option<string?> _than = new("--if-better-than") { Description = "Only where the version is better than this version or label: a metric of quality is better, and none is worse.", HelpName = "version" };
    private readonly Option<string[]> _metrics = new("--metric") { Description = "The metrics that count for it; by default all of quality.", HelpName = "metric" };
    private readonly Option<string> _label = new("--label") { Description = "The label.", DefaultValueFactory = _ => Production };
    private readonly Option<string?> _comment = new("--comment") { Description = "Why, for the history.", HelpName = "text" };
    private readonly EvaluationOptions _options = new();
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;

    private PromoteCommand(IAnsiConsole console, TimeProvider time) => (_console, _time) = (console, time);

    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var promote = new PromoteCommand(console, time);
        var command = new Command("promote", "Moves a label to a version, by the gateway or in labels.yaml, where the version is better.")
        {
            promote._prompt, promote._version, promote._than, promote._metrics, promote._label, promote._comment,
        };
        promote._options.AddTo(command);
        command.SetAction(promote.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (prompt, named, than) = (parsed.GetRequiredValue(_prompt), parsed.GetRequiredValue(_version), parsed.GetValue(_than));
        var request = _options.Read(parsed, prompt, than is null ? [] : [than, named]) with { IsComparison = true, Metrics = parsed.GetValue(_metrics) ?? [] };
        if (request.Models.Count > 1)
        {
            throw new BadInputException("--model names several models; expected one, as a label names a version and no model.");
        }

        var (label, comment) = (parsed.GetRequiredValue(_label), parsed.GetValue(_comment));
        if (!LabelName.IsValid(label))
        {
            throw new BadInputException($"--label is '{label}'; expected {LabelName.Form}.");
        }

        if (comment is not null && request.Gateway is null)
        {
            throw new BadInputException("--comment is for the gateway's history; expected --gateway with it, as labels.yaml has none.");
        }

        if (than is not null)
        {
            var result = await new Evaluation(request, _console, _time).RunAsync(cancellationToken);
            if (result.Gate.Status != GateStatus.Passed)
            {
                _console.MarkupLineInterpolated($"[yellow]{prompt} is not promoted: the evaluation {(result.Gate.Status == GateStatus.Incomplete ? "is incomplete" : "does not pass")}.[/]");
                return (int)result.Gate.Status;
            }

            if (WhyNot(result, request.Metrics) is { } reason)
            {
                _console.MarkupLineInterpolated($"[yellow]{prompt} is not promoted: {reason}[/]");
                return (int)GateStatus.Regression;
            }

            named = result.Variants[1].Version;
            comment ??= $"better than {result.Variants[0].Version}, evaluation {result.Id}";
        }

        await MoveAsync(request, label, named, comment, cancellationToken);
        return (int)GateStatus.Passed;
    }

    // Null where it is better.
    private static string? WhyNot(EvaluationResult result, IReadOnlyList<string> metrics)
    {
        HashSet<string> counted = [.. metrics.Count > 0 ? metrics : result.Metrics.Where(metric => metric.IsQuality).Select(metric => metric.Name)];
        var comparisons = result.Comparisons.Where(comparison => comparison.Tag is null && counted.Contains(comparison.Metric)).ToList();
        return comparisons.Find(comparison => comparison.Verdict == Verdict.Worse) is { } worse ? worse.Words
            : comparisons.Exists(comparison => comparison.Verdict == Verdict.Better) ? null
            : "by no metric is it better beyond chance.";
    }

    private async Task MoveAsync(EvaluationRequest request, string label, string named, string? comment, CancellationToken cancellationToken)
    {
        if (request.Gateway is not { } address)
        {
            var version = LabelsEdit.Move(request.Folder is null ? new PromptOptions().FullPath() : Path.GetFullPath(request.Folder), request.Prompt, label, named);
            _console.MarkupLineInterpolated($"[green]{request.Prompt}: {label} is {version}[/], in {request.Prompt}/labels.yaml; a gateway that watches the folder takes it within a second.");
            return;
        }

        using var gateway = new GatewayClient(address, request.Key, request.Timeout);
        try
        {
            var version = (await gateway.GetPromptAsync(request.Prompt, cancellationToken)).Find(named).Version;
            await gateway.SendAsync(
                HttpMethod.Put, $"admin/prompts/{Uri.EscapeDataString(request.Prompt)}/labels/{Uri.EscapeDataString(label)}", new JsonObject { ["version"] = version, ["comment"] = comment }, [], cancellationToken);
            _console.MarkupLineInterpolated($"[green]{request.Prompt}: {label} is {version}[/], at {address}.");
        }
        catch (GatewayCallException exception)
        {
            throw new BadInputException($"{request.Prompt} is not promoted: {exception.Message}");
        }
    }
}
