using System.Runtime.InteropServices;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>The n-grams of rows of units, such as characters or words: n of them one after the other.</summary>
internal static class NGrams
{
    /// <summary>How many there are.</summary>
    /// <param name="units">How many units the row has.</param>
    /// <param name="length">How many of them an n-gram has, from 1.</param>
    public static int Count(int units, int length) => Math.Max(0, units - length + 1);

    /// <summary>
    /// How many of an answer's n-grams its references have too, by their length from 1: of each the lower of how often the answer has it, and
    /// how often the reference that has it most (BLEU's clipping).
    /// </summary>
    /// <param name="answer">The answer's units.</param>
    /// <param name="references">The units of each reference.</param>
    /// <param name="longest">The most units of an n-gram, from 1.</param>
    public static IReadOnlyList<int> InCommon<T>(IReadOnlyList<T> answer, IEnumerable<IReadOnlyList<T>> references, int longest)
        where T : notnull
    {
        // Only what references have gets a number. An n-gram is known by the number of what it begins with and that of its last unit.
        var units = new Dictionary<T, int>();
        List<Row> wanted = [.. references.Select(reference => new Row([.. reference.Select(unit => NumberOf(unit, units))]))];
        var given = new Row([.. answer.Select(unit => units.GetValueOrDefault(unit, Row.Unknown))]);
        var inCommon = new int[longest];
        inCommon[0] = InCommon(given, wanted, units.Count);
        var grams = new Dictionary<(int Beginning, int Last), int>();
        for (var length = 2; length <= longest; length++)
        {
            grams.Clear();
            foreach (var row in wanted)
            {
                row.Lengthen(gram => NumberOf(gram, grams));
            }

            given.Lengthen(gram => grams.GetValueOrDefault(gram, Row.Unknown));
            inCommon[length - 1] = InCommon(given, wanted, grams.Count);
        }

        return inCommon;
    }

    private static int NumberOf<T>(T item, Dictionary<T, int> numbers)
        where T : notnull
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, item, out var isKnown);
        return isKnown ? number : number = numbers.Count - 1;
    }

    private static int InCommon(Row answer, List<Row> references, int distinct)
    {
        var (highest, own) = (new int[distinct], new int[distinct]);
        foreach (var reference in references)
        {
            foreach (var gram in reference.Grams)
            {
                highest[gram] = Math.Max(highest[gram], ++own[gram]);
            }

            foreach (var gram in reference.Grams)
            {
                own[gram] = 0;
            }
        }

        var inCommon = 0;
        foreach (var gram in answer.Grams)
        {
            inCommon += gram != Row.Unknown && highest[gram]-- > 0 ? 1 : 0;
        }

        return inCommon;
    }

    // The numbers of a text's n-grams, at each place where one begins; at first those of its units.
    private sealed class Row(int[] units)
    {
        // What no reference has, nor anything that begins with it.
        public const int Unknown = -1;

        private readonly int[] _grams = [.. units];
        private int _length = 1;

        public ReadOnlySpan<int> Grams => _grams.AsSpan(0, Count(units.Length, _length));

        // Each by one unit.
        public void Lengthen(Func<(int Beginning, int Last), int> numberOf)
        {
            _length++;
            for (var place = 0; place < Grams.Length; place++)
            {
                var gram = (_grams[place], units[place + _length - 1]);
                _grams[place] = gram is (Unknown, _) or (_, Unknown) ? Unknown : numberOf(gram);
            }
        }
    }
}
