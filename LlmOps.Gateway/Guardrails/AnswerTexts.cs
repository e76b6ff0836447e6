namespace LlmOps.Gateway.Guardrails;

/// <summary>The texts of one answer: of each choice what it says and what it calls tools with.</summary>
internal sealed class AnswerTexts(AnswerCheck check)
{
    /// <summary>The field of a tool's arguments.</summary>
    public const string Arguments = "arguments";

    private readonly Dictionary<(int Choice, string Field, int Call), AnswerText> _texts = [];

    /// <summary>The next piece of a text, as it may go out.</summary>
    /// <param name="choice">The choice's place.</param>
    /// <param name="field">The field it stands in.</param>
    /// <param name="call">The call's place, of arguments.</param>
    /// <param name="piece">The piece.</param>
    public string Push(int choice, string field, int call, string piece)
    {
        if (!_texts.TryGetValue((choice, field, call), out var text))
        {
            _texts[(choice, field, call)] = text = new AnswerText(check);
        }

        return text.Push(piece);
    }

    /// <summary>A text that came whole, as it may go out.</summary>
    public string Whole(string text)
    {
        var whole = new AnswerText(check);
        return whole.Push(text) + whole.End();
    }

    /// <summary>Ends the texts of a choice, or of all.</summary>
    /// <returns>What was held back of each, where there is any.</returns>
    public List<(string Field, int Call, string Held)> End(int? choice = null)
    {
        List<(string, int, string)> rests = [];
        foreach (var (key, text) in _texts.Where(text => choice is null || text.Key.Choice == choice).ToList())
        {
            _texts.Remove(key);
            if (text.End() is { Length: > 0 } rest)
            {
                rests.Add((key.Field, key.Call, rest));
            }
        }

        return rests;
    }
}
