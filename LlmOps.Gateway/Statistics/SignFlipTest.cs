namespace LlmOps.Gateway.Statistics;

/// <summary>The permutation test of pairs: without a difference each pair's could as well have the other sign (Fisher 1935, section 21).</summary>
internal static class SignFlipTest
{
    /// <summary>Up to so many pairs that differ all signs are tried, 2^20; above, random ones.</summary>
    public const int ExactPairs = 20;

    /// <summary>So many random signs are tried at most unless said otherwise: what is corrected for hundreds of comparisons has to be seen far below 0.001.</summary>
    public const int MostDraws = 100_000;

    // The p-value is known to 5 % of itself; one of 0.5 after a thousand draws.
    private const int Enough = 500;

    // Of very many pairs fewer signs are tried, as 100,000 take a second with 30,000 pairs.
    private const int LeastDraws = 10_000;
    private const long TurnedPairs = 1_000_000_000;

    /// <summary>
    /// The p-values: how probable a mean difference at least as far from zero is, and the mid-p, of which one just as far counts half: where differences are few or of
    /// few sizes, as those of a rubric, many sums are just as far (Lancaster 1961). Random signs are drawn until 500 sums are as far out (Besag, Clifford 1991); where
    /// they do not become as many, the observed signs count as one draw (Phipson, Smyth 2010), so that it is never zero.
    /// </summary>
    /// <param name="differences">Of each pair, finite; times its weight, where pairs count differently.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="draws">How many random signs are tried at most where all are too many, at least 100.</param>
    /// <returns>Null where no pair differs.</returns>
    public static SignFlipResult? Test(ReadOnlySpan<double> differences, int seed, int draws = MostDraws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var others = Array.FindAll(differences.ToArray(), difference => difference != 0);
        if (others.Length == 0)
        {
            return null;
        }

        var seen = new Sums(others);
        return others.Length <= ExactPairs
            ? Exact(others, seen)
            : Sampled(others, seen, seed, (int)Math.Min(draws, Math.Max(LeastDraws, TurnedPairs / others.Length)));
    }

    // In the order of a Gray code one sign changes at a time. The first stays as it is: all signs turned, the sum is as far from zero.
    private static SignFlipResult Exact(double[] differences, Sums seen)
    {
        var sum = differences.Sum();
        var signs = 1L << (differences.Length - 1);
        for (var step = 1L; step < signs; step++)
        {
            var turned = long.TrailingZeroCount(step) + 1;
            differences[turned] = -differences[turned];
            sum += 2 * differences[turned];
            seen.Add(sum);
        }

        return seen.Of(1, signs);
    }

    // Eight random bits turn eight pairs at once, whose sums are looked up.
    private static SignFlipResult Sampled(double[] differences, Sums seen, int seed, int draws)
    {
        var sums = SumsOfEight(differences);
        var random = new SplitMix64((ulong)seed);
        for (var draw = 1; draw <= draws; draw++)
        {
            var (sum, bits) = (0.0, 0UL);
            for (var block = 0; block < sums.Length; block += 256)
            {
                bits = block % (8 * 256) == 0 ? random.Next() : bits >> 8;
                sum += sums[block + (int)(bits & 255)];
            }

            seen.Add(sum);
            if (seen.Count == Enough)
            {
                return seen.Of(0, draw);
            }
        }

        return seen.Of(1, draws + 1L);
    }

    // For each eight pairs the sum with each of their 256 signs.
    private static double[] SumsOfEight(double[] differences)
    {
        var sums = new double[(differences.Length + 7) / 8 * 256];
        for (var index = 0; index < sums.Length; index++)
        {
            var first = index / 256 * 8;
            for (var pair = first; pair < Math.Min(first + 8, differences.Length); pair++)
            {
                sums[index] += (index >> (pair - first) & 1) == 0 ? differences[pair] : -differences[pair];
            }
        }

        return sums;
    }

    // Counts sums that are as far from zero as the observed one, which is not counted itself.
    private struct Sums
    {
        private readonly double _observed;
        private readonly double _rounding;
        private long _farther;
        private long _asFar;

        // Sums of the same numbers differ in their last digits.
        public Sums(double[] differences) => (_observed, _rounding) = (Math.Abs(differences.Sum()), 1e-9 * differences.Sum(Math.Abs));

        public readonly long Count => _farther + _asFar;

        public void Add(double sum)
        {
            var beyond = Math.Abs(sum) - _observed;
            _farther += beyond > _rounding ? 1 : 0;
            _asFar += Math.Abs(beyond) <= _rounding ? 1 : 0;
        }

        public readonly SignFlipResult Of(int observed, long all) => new((_farther + ((_asFar + observed) / 2.0)) / all, (double)(Count + observed) / all);
    }
}
