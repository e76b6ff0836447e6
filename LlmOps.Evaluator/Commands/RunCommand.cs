using System.CommandLine;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary><c>run NAME [version]</c>: how good one version is.</summary>
internal static class RunCommand
{
    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var prompt = new Argument<string>("name") { Description = "The prompt." };
        var version = new Argument<string?>("version") { Description = "A version or a label; by default what production names, or else the highest.", Arity = ArgumentArity.ZeroOrOne };
        var options = new EvaluationOptions();
        var command = new Command("run", "Says how good one version of a prompt is.") { prompt, version };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = options.Read(parsed, parsed.GetRequiredValue(prompt), parsed.GetValue(version) is { } named ? [named] : []);
            return (int)(await new Evaluation(request, console, time).RunAsync(cancellationToken)).Gate.Status;
        });
        return command;
    }
}
