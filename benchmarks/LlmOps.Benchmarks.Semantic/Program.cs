using LlmOps.Benchmarks.Semantic;

switch (args)
{
    case ["index", .. var options] when IndexBenchmark.Parse(options) is { } benchmark:
        benchmark.Run();
        return 0;

    case ["lookup", .. var options] when LookupBenchmark.Parse(options) is { } benchmark:
        await benchmark.RunAsync();
        return 0;

    case ["pairs", .. var options] when PairsScore.Parse(options) is { } score:
        return score.Run() ? 0 : 1;

    default:
        Console.Error.WriteLine("""
            Measures the semantic cache's parts.

              pairs [FILE...] [--misses]
                How the verifier judges labelled pairs of questions, one a line:
                {"a": "…", "b": "…", "same": true, "kind": "…"}. Without a file, those of the project.
                Prints false hits, and with --misses what it did not recognize; fails where there was a false hit.

              lookup [--entries 10000]
                A whole look-up, embedding and verifier included, beside an exact scan of the vectors alone.

              index [--entries 1000000] [--dimensions 256] [--turnover]
                The vector index beside an exact scan of the same vectors; with --turnover once more
                when every slot was used again.
            """);
        return 2;
}
