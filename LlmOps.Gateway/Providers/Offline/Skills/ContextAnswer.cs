using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that answers a question from a given context with the sentence that shares its most telling words.</summary>
internal static class ContextAnswer
{
    /// <summary>How much of a context is searched, in UTF-16 units.</summary>
    private const int MaxScanned = 400_000;

    /// <summary>What a number is worth, in rare shared words, where one is asked for.</summary>
    private const double NumberBonus = 0.75;

    /// <summary>What a shared word is worth that a sentence has only by its pronoun, or that names the question's topic or kind.</summary>
    private const double Lesser = 0.5;

    private static readonly string[] NumberQuestions = [" when ", " how many ", " how much ", " how old ", " how tall ", " how high ", " how far ", " how long ", " what year ", " which year "];
    private static readonly HashSet<string> Pronouns = ["it", "its", "he", "his", "she", "her", "they", "their", "this", "these"];

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
            : $"{OfflineModel.Mark} The context does not say, as far as matching words can tell.";
    }

    private static string? Best(ContextBlock block)
    {
        string spoken = " " + string.Join(' ', Words.Of(block.Question)) + " ";
        bool wantsNumber = NumberQuestions.Any(start => spoken.Contains(start, StringComparison.Ordinal));
        var sentences = Sentences.Of(block.Context[..Math.Min(block.Context.Length, MaxScanned)]).ToList();
        var stems = sentences.ConvertAll(sentence => Words.Content(sentence).ToHashSet(StringComparer.Ordinal));
        var question = QuestionWords.Of(block.Question, stems.SelectMany(own => own).ToHashSet(StringComparer.Ordinal));
        var weights = question.All.ToDictionary(word => word, word => Weight(word, question, stems), StringComparer.Ordinal);
        string? best = null;
        double most = 0;
        HashSet<string> subject = [];
        for (int i = 0; i < sentences.Count; i++)
        {
            var own = stems[i];
            bool refers = Words.Of(sentences[i]).FirstOrDefault() is { } first && Pronouns.Contains(first);
            double shared = question.All.Sum(word => weights[word] * (own.Contains(word) ? 1 : refers && subject.Contains(word) ? Lesser : 0));
            subject = refers ? subject : own;

            // Of two sentences that share as much the shorter is more to the point.
            double score = shared - (own.Count * 0.001) + (wantsNumber && HasNumber(sentences[i]) ? NumberBonus : 0);
            if (shared > 0 && score > most && question.IsToThePoint(own))
            {
                (best, most) = (sentences[i], score);
            }
        }

        return best;
    }

    // 1 for a word of a single sentence, less the more sentences have it.
    private static double Weight(string word, QuestionWords question, List<HashSet<string>> sentences)
    {
        int having = Math.Max(1, sentences.Count(sentence => sentence.Contains(word)));
        double rarity = Math.Log(1 + (sentences.Count / (double)having)) / Math.Log(1 + Math.Max(1, sentences.Count));
        return question.Points.Contains(word) ? rarity : rarity * Lesser;
    }

    private static bool HasNumber(string sentence) =>
        sentence.Any(char.IsAsciiDigit) || Words.Of(sentence).Any(word => word != "one" && NumberWords.TryParseEnglishWord(word, out _));
}
