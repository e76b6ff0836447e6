using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using LlmOps.Gateway.Caching.Semantic.Local;

namespace LlmOps.Benchmarks.Semantic;

/// <summary>The vector index beside an exact scan of the same vectors, by one thread: time, memory, and how many true neighbours are found.</summary>
internal sealed class IndexBenchmark(int entries, int dimensions, bool withTurnover)
{
    private const int Seed = 1;
    private const int Queries = 1000;
    private const int ScannedQueries = 200;
    private const int Neighbours = 10;

    // Two sums of the same products may differ by so much.
    private const float Tie = 1e-6f;

    private readonly ClusteredVectors _vectors = new(entries, dimensions, Seed);
    private readonly VectorIndex<Item> _index = new(dimensions);
    private readonly Queue<Item> _items = new(entries);

    /// <summary>Reads the options; null where they are not understood.</summary>
    public static IndexBenchmark? Parse(string[] options)
    {
        var (entries, dimensions, withTurnover) = (1_000_000, 256, false);
        for (var rest = options.AsSpan(); rest.Length > 0;)
        {
            switch (rest)
            {
                case ["--turnover", ..]:
                    withTurnover = true;
                    rest = rest[1..];
                    break;
                case ["--entries", var value, ..] when int.TryParse(value, CultureInfo.InvariantCulture, out entries) && entries >= Neighbours:
                    rest = rest[2..];
                    break;
                case ["--dimensions", var value, ..] when int.TryParse(value, CultureInfo.InvariantCulture, out dimensions) && dimensions > 0:
                    rest = rest[2..];
                    break;
                default:
                    return null;
            }
        }

        return new IndexBenchmark(entries, dimensions, withTurnover);
    }

    /// <summary>Measures, and prints.</summary>
    public void Run()
    {
        Print($"{entries} vectors of {dimensions} dimensions, {Environment.ProcessorCount} cores");
        var adding = new Stopwatch();
        for (var number = 0; number < entries; number++)
        {
            Add(adding);
        }

        Print($"added in {adding.Elapsed.TotalSeconds:0.0} s");
        var begun = Stopwatch.GetTimestamp();
        _index.Link(Environment.ProcessorCount, CancellationToken.None);
        Print($"linked in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s by {Environment.ProcessorCount} threads");
        Print($"{_index.Bytes / (double)entries:0} bytes an entry, of which its vector {sizeof(float) * dimensions}");
        Measure();
        if (withTurnover)
        {
            Turn();
            Measure();
        }
    }

    // The oldest goes, a new one comes, as in a cache that is full.
    private void Turn()
    {
        var (turning, slowest) = (new Stopwatch(), TimeSpan.Zero);
        for (var number = 0; number < entries; number++)
        {
            var before = turning.Elapsed;
            turning.Start();
            _index.Remove(_items.Dequeue().Slot);
            turning.Stop();
            Add(turning);
            turning.Start();
            _index.Link(1, CancellationToken.None);
            turning.Stop();
            slowest = turning.Elapsed - before > slowest ? turning.Elapsed - before : slowest;
        }

        Print($"every slot used again: {turning.Elapsed.TotalMilliseconds / entries:0.000} ms an entry, at most {slowest.TotalMilliseconds:0.0} ms");
    }

    private void Add(Stopwatch time)
    {
        var item = new Item();
        var vector = _vectors.Question();
        time.Start();
        item.Slot = _index.Add(item, vector);
        time.Stop();
        _items.Enqueue(item);
    }

    private void Measure()
    {
        // Half of them ask in other words what is there, the others something new.
        var items = _items.ToArray();
        var queries = Enumerable.Range(0, Queries)
            .Select(number => number % 2 == 0 ? _vectors.Question() : _vectors.Paraphrase(_index.Vector(items[(long)number * entries / Queries].Slot))).ToArray();

        var (scanning, searching, found) = (new Spread(), new Spread(), 0);
        foreach (var query in queries.Take(ScannedQueries))
        {
            var similarities = new float[entries];
            scanning.Time(() => Scan(query, similarities));
            Array.Sort(similarities);
            found += _index.Search(query, Neighbours).Count(match => match.Similarity >= similarities[^Neighbours] - Tie);
        }

        foreach (var query in queries)
        {
            searching.Time(() => _index.Search(query, Neighbours));
        }

        Print($"exact scan {scanning.Median:0.000} ms (p99 {scanning.P99:0.000}), index {searching.Median:0.000} ms (p99 {searching.P99:0.000}): 1/{scanning.Median / searching.Median:0.0}");
        Print($"recall@{Neighbours} {found / (double)(ScannedQueries * Neighbours):0.0000}");
    }

    private void Scan(float[] query, float[] similarities)
    {
        for (var slot = 0; slot < similarities.Length; slot++)
        {
            similarities[slot] = TensorPrimitives.Dot<float>(query, _index.Vector(slot));
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    private sealed class Item
    {
        public int Slot { get; set; }
    }

    /// <summary>How long something took, in milliseconds.</summary>
    private sealed class Spread
    {
        private readonly List<double> _times = [];

        public double Median => At(0.5);

        public double P99 => At(0.99);

        public void Time(Action action)
        {
            var begun = Stopwatch.GetTimestamp();
            action();
            _times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        private double At(double share) => _times.Order().ElementAt((int)(share * (_times.Count - 1)));
    }
}
