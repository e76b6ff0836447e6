using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>A length asked for, such as "in two sentences" or "under 30 words". Everything unset is unlimited.</summary>
/// <param name="Sentences">Sentences, at least 1.</param>
/// <param name="Words">Words, at least 1.</param>
/// <param name="Characters">Characters, at least 1.</param>
/// <param name="Bullets">Bullet points, at least 1.</param>
/// <param name="Each">Whether words and characters are for each bullet point, not for all.</param>
internal sealed record LengthLimit(int? Sentences = null, int? Words = null, int? Characters = null, int? Bullets = null, bool Each = false)
{
    /// <summary>Bullet points where they are asked for without a number.</summary>
    private const int DefaultBullets = 3;

    /// <summary>Words read of an instruction; lengths are named early or late, never this far in.</summary>
    private const int MaxScanned = 600;

    /// <summary>Adjectives between number and unit: "three short bullet points".</summary>
    private const int MaxAdjectives = 2;

    private static readonly Dictionary<string, Unit> Units = Read(
        (Unit.Sentence, "sentence sentences satz sätze sätzen frase frases oración oraciones phrase phrases frasi sentença sentenças line liner lines"),
        (Unit.Word, "word words wort worte wörter wörtern worten palabra palabras mot mots parola parole palavra palavras"),
        (Unit.Character, "character characters char chars zeichen caracteres caractères carácter caratteri letters"),
        (Unit.Bullet, "bullet bullets bulletpoint bulletpoints points stichpunkte stichpunkten puntos puntos punti pontos takeaways items"),
        (Unit.Paragraph, "paragraph absatz párrafo paragraphe paragrafo parágrafo"),
        (Unit.Tweet, "tweet"));

    private enum Unit
    {
        Sentence,
        Word,
        Character,
        Bullet,
        Paragraph,
        Tweet,
    }

    /// <summary>The length an instruction asks for; null if it asks for none.</summary>
    public static LengthLimit? Parse(string instruction)
    {
        string[] words = Language.Words.Of(instruction).Take(MaxScanned).ToArray();
        var limit = new LengthLimit();
        for (int i = 0; i < words.Length; i++)
        {
            if (Units.TryGetValue(words[i], out var unit))
            {
                limit = limit.With(unit, NumberBefore(words, i));
            }
        }

        limit = limit with { Each = words.Contains("each") || words.Contains("per") };
        return limit with { Each = false } == new LengthLimit() ? null : limit;
    }

    private LengthLimit With(Unit unit, int? number) => unit switch
    {
        // Without a number "points" and "items" are just words; "bullet" is a request.
        Unit.Bullet => this with { Bullets = number ?? Bullets ?? DefaultBullets },
        Unit.Sentence when number is not null => this with { Sentences = Sentences ?? number },
        Unit.Word when number is not null => this with { Words = Words ?? number },
        Unit.Character when number is not null => this with { Characters = Characters ?? number },
        Unit.Paragraph => this with { Sentences = Sentences ?? 3 },
        Unit.Tweet => this with { Characters = Characters ?? 280 },
        _ => this,
    };

    // "two", "2", "2-3" and "two to three" (the upper one), "a", "a few"; one less after "under"; null after "at least".
    private static int? NumberBefore(string[] words, int unit)
    {
        for (int i = unit - 1; i >= 0 && i >= unit - 1 - MaxAdjectives; i--)
        {
            if (Units.ContainsKey(words[i]) && words[i] is not "bullet")
            {
                return null;
            }

            int? number = NumberWords.TryParse(words[i], out int value) ? value : Vague(words[i], i > 0 ? words[i - 1] : "");
            if (number is not null)
            {
                // "1,000 words" comes apart at its comma.
                if (number < 1000 && words[i].Length == 3 && i > 0 && words[i - 1].Length <= 3 && int.TryParse(words[i - 1], out int thousands) && char.IsAsciiDigit(words[i][0]))
                {
                    number += thousands * 1000;
                }

                string before = i > 0 ? words[i - 1] : "";
                string twoBefore = i > 1 ? words[i - 2] : "";
                bool under = before is "under" or "below" || (before == "than" && twoBefore is "less" or "fewer" or "shorter");
                bool atLeast = (before == "least" && twoBefore == "at") || before is "minimum" || (before == "than" && twoBefore is "more" && !words.Contains("no") && !words.Contains("not"));
                return atLeast ? null : Math.Max(1, number.Value - (under ? 1 : 0));
            }
        }

        return null;
    }

    private static int? Vague(string word, string before) => word switch
    {
        "couple" => 2,
        "few" or "some" or "several" => 3,
        "single" => 1,
        "a" => 1,
        _ => null,
    };

    private static Dictionary<string, Unit> Read(params (Unit Unit, string Words)[] units)
    {
        var all = new Dictionary<string, Unit>(StringComparer.Ordinal);
        foreach (var (unit, words) in units)
        {
            foreach (string word in words.Split(' '))
            {
                all[word] = unit;
            }
        }

        return all;
    }
}
