using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Caching.Semantic.Local;
using LlmOps.Gateway.Embeddings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Benchmarks.Semantic;

/// <summary>A whole look-up, embedding and verifier included, beside the exact scan of the vectors alone; by one thread.</summary>
internal sealed class LookupBenchmark(int entries)
{
    private const int Queries = 2000;
    private const int Rounds = 7;
    private static readonly CacheKey Scope = new(1, 2, 3, 4);

    private static readonly string[] Starts = ["How do I", "What is the best way to", "Can you tell me how to", "Why should I", "When can I"];
    private static readonly string[] Verbs = ["reset", "install", "compare", "cancel", "update", "describe", "export", "clean", "measure", "repair", "train", "paint", "translate", "download", "share"];
    private static readonly string[] Things =
        ["password", "printer", "invoice", "bicycle", "database", "garden", "contract", "laptop", "window", "recipe", "ticket", "camera", "backup", "account", "server", "kitchen", "letter", "report", "engine", "sofa"];
    private static readonly string[] Places = ["in Berlin", "at home", "for my team", "on a train", "with Excel", "before Monday", "without a key", "for beginners", "in Python", "on my phone"];

    /// <summary>Reads the options; null where they are not understood.</summary>
    public static LookupBenchmark? Parse(string[] options) => options switch
    {
        [] => new LookupBenchmark(10_000),
        ["--entries", var value] when int.TryParse(value, CultureInfo.InvariantCulture, out var entries) && entries > 0 => new LookupBenchmark(entries),
        _ => null,
    };

    /// <summary>Measures, and prints.</summary>
    public async Task RunAsync()
    {
        var store = new LocalSemanticStore(new LocalStoreOptions(null, int.MaxValue, long.MaxValue), TimeProvider.System, NullLogger<LocalSemanticStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        var vectors = new float[entries][];
        for (var number = 0; number < entries; number++)
        {
            var question = Question(number);
            vectors[number] = Embed(question);
            var answer = new CachedAnswer(Encoding.UTF8.GetBytes("{}"), "tenant", "model", null, "provider", "model", null, DateTimeOffset.MaxValue);
            await store.KeepAsync(new SemanticEntry(new Guid(number, 0, 0, new byte[8]), GatewayEmbeddings.BuiltIn, Scope, question, vectors[number], answer), () => true);
        }

        while (store.Unlinked > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        // Half of them ask what is there in other words, the others something near to it.
        var queries = Enumerable.Range(0, Queries).Select(number => number % 2 == 0 ? "Hi! " + Question(number * 7 % entries) : Question(entries + number)).ToArray();
        var (scans, lookups, hits) = (new List<double>(), new List<double>(), 0);
        for (var round = 0; round <= Rounds; round++)
        {
            // Taking turns; the first round warms up.
            var embedded = queries.Select(Embed).ToArray();
            var scan = Time(embedded.Length / 10, index => Scan(vectors, embedded[index]));
            hits = 0;
            var begun = Stopwatch.GetTimestamp();
            foreach (var query in queries)
            {
                hits += await FindsAsync(store, query) ? 1 : 0;
            }

            var lookup = Stopwatch.GetElapsedTime(begun).TotalMilliseconds / queries.Length;
            if (round > 0)
            {
                scans.Add(scan);
                lookups.Add(lookup);
            }
        }

        var embedding = Time(queries.Length, index => Embed(queries[index]));
        var verifier = Time(queries.Length, index => WordsVerifier.Refusal(queries[index], queries[(index + 1) % queries.Length]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries} entries, {Rounds} rounds of {Queries} look-ups, of which {hits} hit; {store.Bytes / (double)entries:0} bytes an entry, answer not counted"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"exact scan {Median(scans) * 1000:0} µs, look-up with embedding and verifier {Median(lookups) * 1000:0} µs: {Median(lookups) / Median(scans):0.00} × ({Min(lookups, scans):0.00} to {Max(lookups, scans):0.00})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"embedding {embedding * 1000:0.0} µs, one comparison {verifier * 1000:0.0} µs"));
        await store.StopAsync(CancellationToken.None);
        store.Dispose();
    }

    private static async ValueTask<bool> FindsAsync(LocalSemanticStore store, string question)
    {
        foreach (var candidate in await store.SearchAsync(GatewayEmbeddings.BuiltIn, Scope, Embed(question), 0.75f, 5, CancellationToken.None) ?? [])
        {
            if (WordsVerifier.Refusal(question, candidate.Entry.Question) is null)
            {
                return true;
            }
        }

        return false;
    }

    private static float Scan(float[][] vectors, float[] query)
    {
        var best = float.MinValue;
        foreach (var vector in vectors)
        {
            best = Math.Max(best, TensorPrimitives.Dot<float>(vector, query));
        }

        return best;
    }

    private static float[] Embed(string question)
    {
        var vector = new float[OfflineEmbedding.DefaultDimensions];
        OfflineEmbedding.Embed(question, vector);
        return vector;
    }

    private static string Question(int number) =>
        $"{Starts[number % Starts.Length]} {Verbs[number / 5 % Verbs.Length]} my {Things[number / 75 % Things.Length]} {Places[number / 1500 % Places.Length]}{(number < 15_000 ? "" : $" {number / 15_000} times")}?";

    // Milliseconds of one of them.
    private static double Time<T>(int times, Func<int, T> action)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var index = 0; index < times; index++)
        {
            action(index);
        }

        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds / times;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static double Min(List<double> lookups, List<double> scans) => lookups.Zip(scans, (lookup, scan) => lookup / scan).Min();

    private static double Max(List<double> lookups, List<double> scans) => lookups.Zip(scans, (lookup, scan) => lookup / scan).Max();
}
