using System.Diagnostics;
using System.Globalization;
using LlmOps.Benchmarks.Statistics;

var (experiments, seed) = (10_000, 1);
for (var index = 0; index < args.Length; index += 2)
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

        default:
            Console.Error.WriteLine("""
                Simulates experiments, and tells how often the gateway's statistics are right.

                  [--experiments 10000] [--seed 1]
                    Of each scenario so many experiments without a difference and with one. False positives are to be 5 %, intervals
                    are to cover the true difference in 95 %, and the effect, in units of the data, is what a test is to find in 80 %.
                """);
            return 2;
    }
}

var started = Stopwatch.GetTimestamp();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{experiments:N0} experiments of each scenario, seed {seed}"));
Console.WriteLine();
new FixedSimulation(experiments, seed).Run();
Console.WriteLine();
new PeekingSimulation(experiments, seed).Run();
Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
return 0;
