using System.CommandLine;
using LlmOps.Benchmarks.Load;
using LlmOps.Benchmarks.Load.Comparing;
using LlmOps.Benchmarks.Load.Scenarios;
using LlmOps.Benchmarks.Load.Subjects;

var quick = new Option<bool>("--quick") { Description = "One short round of what the targets need: to see that all works, not to quote." };
var rounds = new Option<int?>("--rounds") { Description = "How often everything is measured; 3 unless it is quick." };
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() < 1)
    {
        result.AddError("--rounds takes a number from 1.");
    }
});
var only = new Option<string[]>("--only") { Description = "Only these rows of the tables, by their names; what needs the others stays empty.", HelpName = "row", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong([.. SubjectList.All.Select(subject => subject.Name)]);
var root = new RootCommand("Measures the gateway beside nginx, YARP and Portkey, all in front of the same upstream; or runs one of the scenarios below.") { quick, rounds, only };
root.SetAction(async (options, cancellationToken) =>
{
    var plan = options.GetValue(quick) ? Plan.Quick(options.GetValue(rounds) ?? 1) : Plan.Full(options.GetValue(rounds) ?? 3);
    await new Comparison(plan, new Workspace(), options.GetValue(only) ?? []).RunAsync($"benchmarks/run.sh {string.Join(' ', args.Select(argument => argument.Contains(' ') ? $"\"{argument}\"" : argument))}".TrimEnd(), cancellationToken);
    return 0;
});

foreach (var scenario in ScenarioList.All)
{
    var command = new Command(scenario.Name, scenario.Description);
    foreach (var option in scenario.Options)
    {
        command.Options.Add(option);
    }

    command.SetAction(async (options, cancellationToken) =>
    {
        using var bench = await Bench.OpenAsync(new Workspace(), cancellationToken);
        return await scenario.RunAsync(bench, options, cancellationToken) ? 0 : 1;
    });
    root.Subcommands.Add(command);
}

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (BenchmarkException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
