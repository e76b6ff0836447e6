using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// A text that notes whether its end was met. What was read without meeting it is the same whatever follows, which is what
/// makes findings in a stream those of the whole text.
/// </summary>
internal ref struct Peek(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;

    /// <summary>The text.</summary>
    public readonly ReadOnlySpan<char> Text => _text;

    /// <summary>Whether anything at or after the text's end was asked for.</summary>
    public bool MetEnd { get; private set; }

    /// <summary>A character; NUL before the text's beginning and after its end, which is no letter, digit or sign.</summary>
    public char this[int index]
    {
        get
        {
            if ((uint)index < (uint)_text.Length)
            {
                return _text[index];
            }

            MetEnd |= index >= 0;
            return '\0';
        }
    }

    /// <summary>Whether these characters are at a place.</summary>
    public bool Has(int index, ReadOnlySpan<char> characters)
    {
        foreach (var character in characters)
        {
            if (this[index++] != character)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where a run of some characters ends that begins at a place.</summary>
    /// <param name="index">The place.</param>
    /// <param name="characters">The characters.</param>
    /// <param name="most">How many of them are read at most.</param>
    public int RunEnd(int index, SearchValues<char> characters, int most)
    {
        var left = Math.Max(0, _text.Length - index);
        var run = left == 0 ? -1 : _text.Slice(index, Math.Min(left, most)).IndexOfAnyExcept(characters);
        if (run >= 0)
        {
            return index + run;
        }

        MetEnd |= left < most;
        return index + Math.Min(left, most);
    }
}
