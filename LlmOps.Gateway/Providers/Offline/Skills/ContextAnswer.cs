using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that answers a question from a given context with the sentence that shares most words with it.</summary>
internal static class ContextAnswer
{
    /// <summary>How much of a context is searched, in UTF-16 units.</summary>
    private const int MaxScanned = 400_000;

    /// <summary>What a number is worth, in shared words, where one is asked for.</summary>
    private const double NumberBonus = 1.5;

    private static readonly string[] NumberQuestions = [" when ", " how many ", " how much ", " how old ", " how tall ", " how high ", " how far ", " how long ", " what year ", " which year "];

    /// <summary>The sentence, with a note on how it was found; null if there is no context.</summary>
    public static string? TryAnswer(Prompt prompt)
    {
        var block = ContextBlock.Split(prompt.User)
            ?? (ContextBlock.InSystem(prompt.System) is { Length: > 0 } context && prompt.User.Length > 0 ? new ContextBlock(context, prompt.User) : null);
        if (block is null || block.Question.Length is 0 or > 2_000)
        {
            return null;
        }

        return Best(block) is { } sentence
            ? $"{sentence} (Quoted from the context by the offline model, which matches words and is not an LLM.)"
            : $"{OfflineModel.Mark} No sentence of the context shares words with the question.";
    }

    private static string? Best(ContextBlock block)
    {
        var asked = Words.Content(block.Question).ToHashSet(StringComparer.Ordinal);
        string scanned = block.Context[..Math.Min(block.Context.Length, MaxScanned)];
        string question = " " + string.Join(' ', Words.Of(block.Question)) + " ";
        bool wantsNumber = NumberQuestions.Any(start => question.Contains(start, StringComparison.Ordinal));
        string? best = null;
        double most = 0;
        foreach (string sentence in Sentences.Of(scanned))
        {
            var words = Words.Content(sentence).ToHashSet(StringComparer.Ordinal);
            int shared = words.Count(asked.Contains);

            // Of two sentences with as many shared words the shorter is more to the point.
            double score = shared - (words.Count * 0.001) + (wantsNumber && sentence.Any(char.IsAsciiDigit) ? NumberBonus : 0);
            if (shared > 0 && score > most)
            {
                (best, most) = (sentence, score);
            }
        }

        return best;
    }
}
