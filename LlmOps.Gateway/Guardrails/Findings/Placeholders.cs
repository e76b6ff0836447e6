using System.Globalization;
using System.Text;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>
/// Stands-in for the values found in one request: [EMAIL_1], [PHONE_1], …; the same value has the same one throughout. They can be
/// restored in the answer, whole or streamed. For one request; not for several threads.
/// </summary>
/// <param name="texts">All texts of the request: what looks like a placeholder in one of them is not given out, and stays as it is.</param>
internal sealed class Placeholders(IReadOnlyList<string> texts)
{
    private readonly Dictionary<(string Label, string Value), string> _byValue = [];
    private readonly Dictionary<string, string> _values = [];
    private readonly Dictionary<string, (int Number, bool IsInTexts)> _last = [];
    private int _longest;

    /// <summary>How many values have one.</summary>
    public int Count => _byValue.Count;

    /// <summary>The placeholder of a value; fits <see cref="TextWindow"/>.</summary>
    public string For(Finding finding, string value)
    {
        var label = Label(finding.Rule);
        if (_byValue.TryGetValue((label, value), out var known))
        {
            return known;
        }

        var placeholder = Next(label);
        _byValue[(label, value)] = placeholder;
        if (MayBeRestored(value))
        {
            _values[placeholder] = value;
            _longest = Math.Max(_longest, placeholder.Length);
        }

        return placeholder;
    }

    /// <summary>A text with its findings replaced.</summary>
    /// <param name="text">The text.</param>
    /// <param name="findings">What was found in it, from left to right and apart.</param>
    public string Mask(string text, IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0)
        {
            return text;
        }

        var masked = new StringBuilder(text.Length);
        var left = 0;
        foreach (var finding in findings)
        {
            masked.Append(text, left, finding.Start - left).Append(For(finding, text.Substring(finding.Start, finding.Length)));
            left = finding.End;
        }

        return masked.Append(text, left, text.Length - left).ToString();
    }

    /// <summary>Restores the values in one text of the answer; a placeholder that was not given out stays as it is.</summary>
    public TextWindow Restoring()
    {
        var detector = new Given(this);
        return new TextWindow([detector], (_, placeholder) => _values[placeholder]);
    }

    // What a value is restored in may be JSON inside a string, where these would need to be escaped; no personal data has them.
    private static bool MayBeRestored(string value)
    {
        foreach (var character in value)
        {
            if (character is '"' or '\\' || char.IsControl(character))
            {
                return false;
            }
        }

        return true;
    }

    private string Next(string label)
    {
        var (number, isInTexts) = _last.TryGetValue(label, out var last) ? last : (0, IsInTexts($"[{label}_"));
        string placeholder;
        do
        {
            placeholder = string.Create(CultureInfo.InvariantCulture, $"[{label}_{++number}]");
        }
        while (isInTexts && IsInTexts(placeholder));

        _last[label] = (number, isInTexts);
        return placeholder;
    }

    private bool IsInTexts(string value) => texts.Any(text => text.Contains(value, StringComparison.Ordinal));

    private static string Label(string rule) => rule switch
    {
        FindingRules.Email => "EMAIL",
        FindingRules.Phone => "PHONE",
        FindingRules.Iban => "IBAN",
        FindingRules.Card => "CARD",
        FindingRules.NationalId => "ID",
        FindingRules.Ip => "IP",
        FindingRules.BlockedWord => "BLOCKED",
        _ => "SECRET",
    };

    private sealed class Given(Placeholders given) : ITextDetector
    {
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _values = given._values.GetAlternateLookup<ReadOnlySpan<char>>();

        // More may be given out while the answer is on its way: for what a tool has told.
        public int Longest => given._longest;

        public int Find(ReadOnlySpan<char> text, int from, List<Finding> findings)
        {
            var scan = new Scan(text, from, findings);
            for (var start = Next(text, from); start >= 0; start = Next(text, start + 1))
            {
                var peek = new Peek(text);
                var end = start + 1;
                while (end - start < Longest && (char.IsAsciiLetterUpper(peek[end]) || char.IsAsciiDigit(peek[end]) || peek[end] == '_'))
                {
                    end++;
                }

                var isGiven = peek[end] == ']' && _values.ContainsKey(text[start..(end + 1)]);
                scan.Add("placeholder", start, isGiven ? end + 1 : -1, peek.MetEnd);
            }

            return scan.Open;
        }

        private static int Next(ReadOnlySpan<char> text, int from)
        {
            var start = text[from..].IndexOf('[');
            return start < 0 ? -1 : from + start;
        }
    }
}
