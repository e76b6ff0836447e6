using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>How like its references an answer is, 0 to 1.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="measure">The score of an answer by at least one reference.</param>
internal sealed class SimilarityEvaluator(SettingsReader settings, Func<string, IReadOnlyList<string>, double> measure)
    : LocalEvaluator(settings, settings.Metric(MetricKind.Score))
{
    /// <summary>1 less the share of characters to be edited; the best by any reference.</summary>
    public static SimilarityEvaluator Levenshtein(SettingsReader settings) =>
        Make(settings, (answer, references) => references.Max(reference => Text.Levenshtein.Similarity(answer, reference)));

    /// <summary>F1 of words as in SQuAD; the best by any reference.</summary>
    public static SimilarityEvaluator TokenF1(SettingsReader settings) =>
        new(settings, (answer, references) => references.Max(reference => Text.TokenF1.Of(answer, reference)));

    /// <summary>BLEU of the sentence by all references.</summary>
    public static SimilarityEvaluator Bleu(SettingsReader settings)
    {
        Func<string, IReadOnlyList<string>> tokens = settings.Choice("tokenize", "13a", "char", "none") switch
        {
            "13a" => Tokens.Of13A,
            "char" => Tokens.OfCharacters,
            _ => Tokens.BySpace,
        };
        return Make(settings, (answer, references) => Text.Bleu.Of(tokens(answer), [.. references.Select(tokens)]).Score);
    }

    /// <summary>ROUGE-N of the reference by which its F1 is the best.</summary>
    public static SimilarityEvaluator RougeN(SettingsReader settings, int length) => Rouge(settings, (answer, reference) => Text.Rouge.N(answer, reference, length));

    /// <summary>ROUGE-L of the reference by which its F1 is the best.</summary>
    public static SimilarityEvaluator RougeL(SettingsReader settings) => Rouge(settings, Text.Rouge.L);

    /// <summary>chrF, or chrF++; the best by any reference.</summary>
    public static SimilarityEvaluator ChrF(SettingsReader settings)
    {
        var chrF = new ChrF(settings.Integer("word_order", 0, 2) ?? 0, settings.Number("beta", 0.01, 100) ?? 2, settings.Flag("whitespace"));
        return Make(settings, chrF.Of);
    }

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (answer.Case.References.Count == 0)
        {
            return null;
        }

        try
        {
            return new Score(measure(answer.Answer.Text, answer.Case.References));
        }
        catch (TextTooLongException exception)
        {
            return Score.Failed(exception.Message);
        }
    }

    private static SimilarityEvaluator Rouge(SettingsReader settings, Func<string, string, Overlap> rouge)
    {
        Func<Overlap, double> measure = settings.Choice("measure", "f1", "precision", "recall") switch
        {
            "f1" => overlap => overlap.F1,
            "precision" => overlap => overlap.Precision,
            _ => overlap => overlap.Recall,
        };
        return new SimilarityEvaluator(settings, (answer, references) => measure(references.Select(reference => rouge(answer, reference)).MaxBy(overlap => overlap.F1)));
    }

    private static SimilarityEvaluator Make(SettingsReader settings, Func<string, IReadOnlyList<string>, double> measure) => settings.Flag("ignore_case")
        ? new(settings, (answer, references) => measure(answer.ToLowerInvariant(), [.. references.Select(reference => reference.ToLowerInvariant())]))
        : new(settings, measure);
}
