using System.Runtime.InteropServices;
using System.Text;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Passes a text on in pieces and finds in it what detectors find in the whole, wherever it is cut: it holds back only what
/// more text could still make, change or unmake a finding of, at most the longest finding. For one text; not for several threads.
/// </summary>
internal sealed class TextWindow(IReadOnlyList<ITextDetector> detectors, Func<Finding, string, string?> replace)
{
    // What has left is kept for the detectors to look back at, and removed in one go when there is this much more.
    private const int Slack = 1024;

    private readonly List<char> _kept = [];
    private readonly List<Finding> _candidates = [];
    private readonly List<FoundValue> _found = [];
    private readonly StringBuilder _leaving = new();

    // Where the kept characters begin in the text, and how many of them have left.
    private int _origin;
    private int _left;

    /// <summary>What was found for certain so far, from left to right; places are those of the text that was pushed.</summary>
    public IReadOnlyList<FoundValue> Found => _found;

    /// <summary>How many UTF-16 units are held back.</summary>
    public int Held => _kept.Count - _left;

    /// <summary>Takes the text's next piece, and returns what may leave now, with what was found replaced.</summary>
    public string Push(string text)
    {
        _kept.AddRange(text.AsSpan());
        return Advance(isWhole: false);
    }

    /// <summary>Returns the rest: the text ends here.</summary>
    public string End() => Advance(isWhole: true);

    private string Advance(bool isWhole)
    {
        var text = CollectionsMarshal.AsSpan(_kept);
        var decided = text.Length;
        _candidates.Clear();
        for (var index = 0; index < detectors.Count; index++)
        {
            decided = Math.Min(decided, detectors[index].Find(text, _left, _candidates));
        }

        decided = isWhole ? text.Length : decided;
        Finding.KeepApart(_candidates);
        foreach (var finding in _candidates)
        {
            if (finding.Start >= decided)
            {
                break;
            }

            var value = text.Slice(finding.Start, finding.Length).ToString();
            var inText = finding with { Start = _origin + finding.Start };
            _found.Add(new FoundValue(inText, value));
            _leaving.Append(text[_left..finding.Start]).Append(replace(inText, value) ?? value);
            _left = finding.End;
        }

        if (!isWhole && decided > 0 && char.IsHighSurrogate(text[decided - 1]))
        {
            // Half a character cannot be written.
            decided--;
        }

        if (decided > _left)
        {
            _leaving.Append(text[_left..decided]);
            _left = decided;
        }

        Forget();
        var leaving = _leaving.ToString();
        _leaving.Clear();
        return leaving;
    }

    private void Forget()
    {
        var far = _left - ITextDetector.Before;
        if (far > Slack)
        {
            _kept.RemoveRange(0, far);
            _origin += far;
            _left -= far;
        }
    }
}
