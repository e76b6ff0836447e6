using System.Buffers;
using System.Globalization;
using System.Text;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Finds words and phrases of a list: whole words, whatever their case. A phrase's words may be apart by any white space, up to 32
/// characters of it. In scripts without spaces (Chinese, Japanese, Thai, …) they are also found inside others.
/// </summary>
internal sealed class BlockedWords : ITextDetector
{
    private const int MostSpaces = 32;

    private readonly SearchValues<string> _firstWords;
    private readonly int[] _firstLengths;
    private readonly Dictionary<string, Phrase[]>.AlternateLookup<ReadOnlySpan<char>> _phrases;

    /// <param name="words">Words and phrases; blank ones are left out.</param>
    public BlockedWords(IEnumerable<string> words)
    {
        var phrases = words.Select(phrase => phrase.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(phrase => phrase.Length > 0).ToList();
        var byFirst = phrases.GroupBy(phrase => phrase[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Select(phrase => new Phrase(phrase)).ToArray(), StringComparer.OrdinalIgnoreCase);
        _phrases = byFirst.GetAlternateLookup<ReadOnlySpan<char>>();
        _firstWords = SearchValues.Create([.. byFirst.Keys], StringComparison.OrdinalIgnoreCase);
        _firstLengths = [.. byFirst.Keys.Select(first => first.Length).Distinct()];

        // Two units more: whether a word goes on behind it.
        Longest = phrases.Select(phrase => phrase.Sum(word => word.Length) + (MostSpaces * (phrase.Length - 1)) + 2).DefaultIfEmpty().Max();
    }

    /// <inheritdoc/>
    public int Longest { get; }

    /// <inheritdoc/>
    public int Find(ReadOnlySpan<char> text, int from, List<Finding> findings)
    {
        var scan = new Scan(text, from, findings);
        for (var start = Next(text, from); start >= 0; start = Next(text, start + 1))
        {
            foreach (var length in _firstLengths)
            {
                if (start + length <= text.Length && _phrases.TryGetValue(text.Slice(start, length), out var phrases))
                {
                    FindPhrases(ref scan, start, phrases);
                }
            }
        }

        HoldLastWord(ref scan);
        return scan.Open;
    }

    private int Next(ReadOnlySpan<char> text, int from)
    {
        var start = text[from..].IndexOfAny(_firstWords);
        return start < 0 ? -1 : from + start;
    }

    private static void FindPhrases(ref Scan scan, int start, Phrase[] phrases)
    {
        Rune.DecodeLastFromUtf16(scan.Text[..start], out var before, out _);
        foreach (var phrase in phrases)
        {
            if (!(phrase.BeginsWord && IsWord(before)))
            {
                var peek = new Peek(scan.Text);
                var end = phrase.End(ref peek, start);
                scan.Add(FindingRules.BlockedWord, start, end, peek.MetEnd);
            }
        }
    }

    // A first word may have begun anywhere in the text's last one.
    private void HoldLastWord(ref Scan scan)
    {
        var text = scan.Text;
        var start = text.Length;
        var most = _firstLengths.DefaultIfEmpty().Max();
        while (start > 0 && text.Length - start < most && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        scan.Hold(start);
    }

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || rune.Value == '_' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // Thai and its neighbours, Khmer, kana and ideographs.
    private static bool HasSpaces(Rune rune) =>
        rune.Value is not ((>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x3040 and <= 0x30FF)
            or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF));

    private sealed class Phrase(string[] words)
    {
        private readonly bool _endsWord = Rune.DecodeLastFromUtf16(words[^1], out var last, out _) == OperationStatus.Done && IsWord(last) && HasSpaces(last);

        /// <summary>Whether it is no match right behind a letter.</summary>
        public bool BeginsWord { get; } = Rune.DecodeFromUtf16(words[0], out var first, out _) == OperationStatus.Done && IsWord(first) && HasSpaces(first);

        /// <summary>Where it ends if it begins at a place; -1 where it does not.</summary>
        public int End(ref Peek text, int start)
        {
            var index = start;
            for (var word = 0; word < words.Length; word++)
            {
                if ((word > 0 && !SkipSpaces(ref text, ref index)) || !Has(ref text, ref index, words[word]))
                {
                    return -1;
                }
            }

            return _endsWord && GoesOn(ref text, index) ? -1 : index;
        }

        private static bool SkipSpaces(ref Peek text, ref int index)
        {
            var begin = index;
            while (index - begin < MostSpaces && char.IsWhiteSpace(text[index]))
            {
                index++;
            }

            return index > begin;
        }

        private static bool Has(ref Peek text, ref int index, string word)
        {
            foreach (var character in word)
            {
                if (char.ToUpperInvariant(text[index++]) != char.ToUpperInvariant(character))
                {
                    return false;
                }
            }

            return true;
        }

        private static bool GoesOn(ref Peek text, int index)
        {
            var next = text[index];
            return char.IsHighSurrogate(next)
                ? Rune.TryCreate(next, text[index + 1], out var pair) && IsWord(pair)
                : Rune.TryCreate(next, out var single) && IsWord(single);
        }
    }
}
