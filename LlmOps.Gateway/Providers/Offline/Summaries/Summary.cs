using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>The skill that shortens texts: reads what is asked and of which text, by the user or by the system prompt.</summary>
internal static class Summary
{
    /// <summary>Words an earlier message needs to be worth a summary.</summary>
    private const int WorthShortening = 12;

    /// <summary>Longest remark after a text, in UTF-16 units: "Keep it under 20 words."</summary>
    private const int MaxRemark = 120;

    /// <summary>The summary asked for; null if none is.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        bool set = SummaryRequest.IsSet(prompt.System);
        if (Find(prompt, set) is not { } task)
        {
            return null;
        }

        var limit = LengthLimit.Parse(task.Instruction) ?? (set ? LengthLimit.Parse(prompt.System) : null);
        string summary = ExtractiveSummary.Of(task.Body, limit);
        if (task.Instruction.Length == 0 && summary == task.Body && summary.EndsWith('?'))
        {
            // A question that is as short as it can be is not there to be shortened.
            return null;
        }

        return summary.Length > 0 ? summary : $"{OfflineModel.Mark} There is no text here to summarise: I can only shorten a text that I am given.";
    }

    private static InstructedText? Find(Prompt prompt, bool set)
    {
        // Where the system prompt sets the task, a length alone is an instruction: "In one sentence: …".
        bool IsInstruction(string text) => SummaryRequest.IsAsked(text) || (set && WordBudget.Count(text) <= 12 && LengthLimit.Parse(text) is not null);

        if (InstructedText.Split(prompt.User, IsInstruction) is { } split)
        {
            return WithRemark(split);
        }

        bool asked = prompt.User.Length <= InstructedText.MaxInstruction && SummaryRequest.IsAsked(prompt.User);
        if (asked)
        {
            string earlier = prompt.Earlier.Where(text => WordBudget.Count(text) >= WorthShortening).MaxBy(text => text.Length) ?? ContextBlock.InSystem(prompt.System) ?? "";
            return new InstructedText(prompt.User, earlier.Length > 0 ? earlier : AfterVerb(prompt.User));
        }

        return set && prompt.User.Length > 0 ? new InstructedText("", Quotes.Strip(TextSplits.WithoutLabel(prompt.User).Trim())) : null;
    }

    // "<task>\n\n<text>\n\nKeep it under 20 words." and "…\n\nSummary:"
    private static InstructedText WithRemark(InstructedText split)
    {
        int gap = split.Body.LastIndexOf('\n');
        if (gap < 0 || split.Body.Length - gap > MaxRemark)
        {
            return split;
        }

        string remark = split.Body[gap..].Trim();
        bool label = remark.EndsWith(':') && WordBudget.Count(remark) <= 3;
        bool isRemark = label || SummaryRequest.IsAsked(remark) || (WordBudget.Count(remark) <= 12 && LengthLimit.Parse(remark) is not null);
        return isRemark && !string.IsNullOrWhiteSpace(split.Body[..gap]) ? new InstructedText(split.Instruction + "\n" + remark, split.Body[..gap].TrimEnd()) : split;
    }

    // "Summarise the quick brown fox …": the text follows the verb without any mark.
    private static string AfterVerb(string message)
    {
        int verb = message.IndexOf("summari", StringComparison.OrdinalIgnoreCase);
        int end = verb < 0 ? -1 : message.IndexOf(' ', verb);
        return end > 0 && WordBudget.Count(message[end..]) >= WorthShortening && LengthLimit.Parse(message) is null ? message[end..].Trim() : "";
    }
}
