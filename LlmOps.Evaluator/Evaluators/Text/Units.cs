using System.Runtime.InteropServices;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>A text as a row of units, characters or words, and how often its n-grams occur.</summary>
internal sealed class Units
{
    private readonly string _text;
    private readonly List<(int Start, int End)> _places;

    private Units(string text, int most) => (_text, _places) = (text, new(most));

    /// <summary>How many there are.</summary>
    public int Count => _places.Count;

    /// <summary>The characters of a text, each a Unicode code point.</summary>
    public static Units OfCharacters(string text)
    {
        var units = new Units(text, text.Length);
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            units._places.Add((position, position += rune.Utf16SequenceLength));
        }

        return units;
    }

    /// <summary>Words, none of which has white space in it.</summary>
    public static Units OfWords(IReadOnlyList<string> words)
    {
        var units = new Units(string.Join(' ', words), words.Count);
        var position = 0;
        foreach (var word in words)
        {
            units._places.Add((position, position + word.Length));
            position += word.Length + 1;
        }

        return units;
    }

    /// <summary>How often each row of some units occurs.</summary>
    /// <param name="length">How many units, from 1.</param>
    public NGrams NGrams(int length)
    {
        var total = Math.Max(0, _places.Count - length + 1);
        var counts = new Dictionary<string, int>(total, StringComparer.Ordinal);
        var seen = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var first = 0; first + length <= _places.Count; first++)
        {
            var gram = _text.AsSpan(_places[first].Start.._places[first + length - 1].End);
            CollectionsMarshal.GetValueRefOrAddDefault(seen, gram, out _)++;
        }

        return new NGrams(counts, total);
    }
}
