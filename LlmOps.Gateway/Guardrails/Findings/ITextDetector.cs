namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Finds something in texts. Detectors keep no state: what they find at a place depends only on the characters around it.</summary>
internal interface ITextDetector
{
    /// <summary>How far before a finding's start detectors look at most, in UTF-16 units.</summary>
    const int Before = 80;

    /// <summary>How far from a finding's start on it looks at most, in UTF-16 units: what a stream is held back at most.</summary>
    int Longest { get; }

    /// <summary>Adds what is found at a place or after it, in any order; findings may overlap (<see cref="Finding.KeepApart"/>).</summary>
    /// <param name="text">The text, with at least <see cref="Before"/> units before the place where there are as many.</param>
    /// <param name="from">The place.</param>
    /// <param name="findings">Where findings are added; they are right if the text ends here.</param>
    /// <returns>Where the first finding may begin that more text could add, change or remove; the text's length where there is none.</returns>
    int Find(ReadOnlySpan<char> text, int from, List<Finding> findings);
}
