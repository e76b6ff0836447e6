using System.CommandLine;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary><c>compare NAME v1 v2 …</c>: which version is better.</summary>
internal static class CompareCommand
{
    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var prompt = new Argument<string>("name") { Description = "The prompt." };
        var versions = new Argument<string[]>("versions") { Description = "Versions or labels, the baseline first. One is enough with several models, or where eval.yaml names the baseline.", Arity = ArgumentArity.OneOrMore };
        var options = new EvaluationOptions();
        var command = new Command("compare", "Says which version of a prompt is better, by how much, and whether the difference is real.") { prompt, versions };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = options.Read(parsed, parsed.GetRequiredValue(prompt), parsed.GetRequiredValue(versions)) with { IsComparison = true };
            return (int)(await new Evaluation(request, console, time).RunAsync(cancellationToken)).Gate.Status;
        });
        return command;
    }
}
