namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Reads a match that begins at a place.</summary>
/// <returns>Where it ends; -1 where there is none.</returns>
internal delegate int Matcher(ref Peek text, int start);

/// <summary>One look through a text for findings at a place or after it.</summary>
internal ref struct Scan(ReadOnlySpan<char> text, int from, List<Finding> findings)
{
    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Text { get; } = text;

    /// <summary>The place; no finding begins before it.</summary>
    public int From { get; } = from;

    /// <summary>Where the first finding may begin that more text could change.</summary>
    public int Open { get; private set; } = text.Length;

    /// <summary>Adds the match that begins at a place, if there is one.</summary>
    public void Try(string rule, int start, Matcher matcher)
    {
        if (start >= From)
        {
            var peek = new Peek(Text);
            var end = matcher(ref peek, start);
            Add(rule, start, end, peek.MetEnd);
        }
    }

    /// <summary>Adds what was read, and notes whether more text could change it.</summary>
    /// <param name="rule">Its rule.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">Where it ends; -1 where it is no finding.</param>
    /// <param name="metEnd">Whether the end of the text was met to know it.</param>
    public void Add(string rule, int start, int end, bool metEnd)
    {
        if (start < From)
        {
            return;
        }

        if (metEnd)
        {
            Hold(start);
        }

        if (end > start)
        {
            findings.Add(new Finding(rule, start, end - start));
        }
    }

    /// <summary>Says that a finding may begin at a place that cannot be known yet.</summary>
    public void Hold(int start) => Open = Math.Min(Open, Math.Max(start, From));
}
