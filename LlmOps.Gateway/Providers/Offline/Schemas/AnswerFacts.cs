using System.Globalization;
using LlmOps.Gateway.Providers.Offline.Maths;
using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>What a request gives to fill a JSON document with. Numbers and phrases are given out once each.</summary>
internal sealed class AnswerFacts
{
    /// <summary>How much of a text is read for numbers, in UTF-16 units.</summary>
    private const int MaxScanned = 10_000;

    private readonly Lazy<string> _summary;
    private readonly Lazy<Queue<string>> _phrases;
    private readonly List<NumberMention> _numbers;

    /// <summary>Reads the facts of a text.</summary>
    /// <param name="text">The text the document is about.</param>
    /// <param name="answer">What a skill answered; null if none did.</param>
    public AnswerFacts(string text, string? answer)
    {
        Text = text;
        Answer = answer;
        Head = text[..Math.Min(text.Length, MaxScanned)];
        _summary = new(() => ExtractiveSummary.Of(text, new LengthLimit(Sentences: 2)));
        _phrases = new(() => new Queue<string>(Phrases.Capitalised(Head, false).Select(phrase => phrase.Text).Distinct(StringComparer.Ordinal)));
        _numbers = NumberMention.Of(Head);
        if (Arithmetic.Find(text) is { Fault: null } calculation && decimal.TryParse(calculation.Value.ToText().Text, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal result))
        {
            _numbers = [new NumberMention(result, "", "", false)];
        }
    }

    /// <summary>The text the document is about.</summary>
    public string Text { get; }

    /// <summary>Its start, for what is searched word by word.</summary>
    public string Head { get; }

    /// <summary>What a skill answered; null if none did.</summary>
    public string? Answer { get; }

    /// <summary>The answer, else the text in two sentences.</summary>
    public string Gist => Answer ?? _summary.Value;

    /// <summary>The text in two sentences.</summary>
    public string Summary => _summary.Value.Length > 0 ? _summary.Value : Answer ?? "";

    /// <summary>The next capitalised phrase; null if all are given out.</summary>
    public string? TakePhrase() => _phrases.Value.TryDequeue(out string? phrase) ? phrase : null;

    /// <summary>The next number that is allowed, of money if there is one and it is wanted; null if there is none.</summary>
    public decimal? TakeNumber(Func<decimal, bool> isAllowed, bool ofMoney)
    {
        int at = ofMoney ? _numbers.FindIndex(number => number.IsMoney && isAllowed(number.Value)) : -1;
        at = at >= 0 ? at : _numbers.FindIndex(number => isAllowed(number.Value));
        if (at < 0)
        {
            return null;
        }

        decimal number = _numbers[at].Value;
        _numbers.RemoveAt(at);
        return number;
    }
}
