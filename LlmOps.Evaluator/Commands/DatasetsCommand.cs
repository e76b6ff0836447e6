using System.CommandLine;
using LlmOps.Gateway.Prompts;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary><c>datasets check [NAME…]</c>: whether datasets and eval.yaml files are right, without asking any model.</summary>
internal static class DatasetsCommand
{
    /// <summary>The command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(IAnsiConsole console)
    {
        var names = new Argument<string[]>("prompts") { Description = "The prompts whose datasets are checked; all that have one where none is named.", Arity = ArgumentArity.ZeroOrMore };
        var dataset = new Option<string?>("--dataset") { Description = "A file to check in the place of the prompt's own." };
        var folder = new Option<string?>("--prompts") { Description = "The prompts folder." };
        var check = new Command("check", "Checks datasets and eval.yaml files, each against all versions of its prompt.") { names, dataset, folder };
        check.SetAction((parsed, cancellationToken) =>
        {
            var prompts = parsed.GetValue(folder) is { } given ? Path.GetFullPath(given) : new PromptOptions().FullPath();
            return new DatasetsCheck(prompts, console).RunAsync(parsed.GetValue(names) ?? [], parsed.GetValue(dataset), cancellationToken);
        });
        return new Command("datasets", "Datasets of cases.") { check };
    }
}
