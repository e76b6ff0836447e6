using System.CommandLine;
using LlmOps.Evaluator.Commands;
using LlmOps.Evaluator.Results;
using Spectre.Console;

namespace LlmOps.Evaluator;

/// <summary>The program.</summary>
internal static class EvaluatorProgram
{
    // Time for what is on its way to end, and for reports, after Ctrl-C.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(3);

    public static Task<int> Main(string[] args) => RunAsync(args, Console.IsOutputRedirected ? Plain() : AnsiConsole.Console, TimeProvider.System);

    /// <summary>Runs a command.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="console">Where it is told of.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The exit code: 0 passed, 1 a regression, 2 bad input, 3 incomplete.</returns>
    public static async Task<int> RunAsync(string[] args, IAnsiConsole console, TimeProvider time)
    {
        var root = new RootCommand("Says which version of a prompt is better, and whether the difference is real.")
        {
            CompareCommand.Create(console, time),
            RunCommand.Create(console, time),
            ReportCommand.Create(console),
            DatasetsCommand.Create(console),
            PromoteCommand.Create(console, time),
        };
        var parsed = root.Parse(args);
        try
        {
            var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = LongestEnd });
            return parsed.Errors.Count > 0 ? BadInputException.ExitCode : code;
        }
        catch (BadInputException exception)
        {
            foreach (var fault in exception.Faults)
            {
                console.MarkupLineInterpolated($"[red]{fault}[/]");
            }

            return BadInputException.ExitCode;
        }
        catch (OperationCanceledException)
        {
            // Before anything was asked for; later it ends with what there is.
            console.MarkupLine("[yellow]Interrupted.[/]");
            return (int)GateStatus.Incomplete;
        }
    }

    // A file or a pipeline's log has no colours, and lines of any length.
    private static IAnsiConsole Plain()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = 160;
        return console;
    }
}
