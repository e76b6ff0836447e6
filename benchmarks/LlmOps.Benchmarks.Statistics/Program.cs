using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Statistics;

var isOfEvaluations = args is ["evaluations", ..];
var (experiments, seed, only) = (isOfEvaluations ? 2_000 : 10_000, 1, "");
for (var index = isOfEvaluations ? 1 : 0; index < args.Length; index += 2)
{
    var isNumber = int.TryParse(args.ElementAtOrDefault(index + 1), CultureInfo.InvariantCulture, out var number) && number > 0;
    switch (args[index])
    {
        case "--experiments" when isNumber:
            experiments = number;
            break;

        case "--seed" when isNumber:
            seed = number;
            break;

        case "--only" when index + 1 < args.Length:
            only = args[index + 1];
            break;

        default:
            Console.Error.WriteLine("""
                Simulates experiments, and tells how often the gateway's statistics are right; or evaluations, and the evaluator's verdicts.

                  [evaluations] [--experiments 10000, or 2000 evaluations] [--seed 1] [--only WHAT-THE-ROW-BEGINS-WITH]
                    Of each scenario so many experiments without a difference and with one. False positives are to be 5 %, intervals
                    are to cover the true difference in 95 %, and the effect, in units of the data, is what a test is to find in 80 %.
                """);
            return 2;
    }
}

var started = Stopwatch.GetTimestamp();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{experiments:N0} {(isOfEvaluations ? "evaluations" : "experiments")} of each scenario, seed {seed}"));
Console.WriteLine();
if (isOfEvaluations)
{
    new EvaluationSimulation(experiments, seed).Run(only);
}
else
{
    new FixedSimulation(experiments, seed).Run(only);
    Console.WriteLine();
    new PeekingSimulation(experiments, seed).Run(only);
}

Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
return 0;
