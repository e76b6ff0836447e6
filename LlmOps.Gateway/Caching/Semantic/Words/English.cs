using System.Text;

namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>Whether a prompt is English, and what it is about, as far as its words tell.</summary>
internal static class English
{
    // Words that only English has, beside those that others have too (die, was, on, me, a, in, no, is, an, am, are).
    private static readonly HashSet<string> Marks = Words(
        """
        the what what's whats how how's who who's why where which of does did can could would should will i i'm my you your it its this that these those
        and with from for to please explain write give tell list between make create find get best use using difference define describe translate summarize summarise
        there their they we he she his our not don't about into many much than if or have has whom by been were any some
        """);

    // May stand in English too, and say nothing of it.
    private static readonly HashSet<string> Neutral = Words("a an the is are am do was on me in no die man war so as come con per as at be us");

    // Words that are common in other languages, and are not English.
    private static readonly HashSet<string> Foreign = Words(
        """
        der das den dem des ein eine einen einer und ist sind wie warum wo wer welche welcher welches nicht mit für von zu auf auch kann ich du wir ihr sie es haben hat wird zum zur bei
        le la les un une du et est sont que qui quoi quel quelle quels quelles comment pourquoi où quand combien pas avec pour dans sur ce cette je tu il elle nous vous ils au aux être
        el los las una son qué cuál cuáles cómo cuándo dónde por para del al se puedo mi su hay más está
        lo gli di che è sono perché dove quando quanto chi cosa qual quale della nel si mio posso ho
        os uma são por onde quem quais da na nos eu meu não você
        het een van wat hoe waarom wie waar ik je niet voor zijn kan welke
        jak jest co dlaczego gdzie kiedy kto czy nie na się ile można
        ne nasıl neden nerede kim kaç bir ve için mı
        """);

    // Where these are, the words are what is asked about, and none of them may be changed.
    private static readonly HashSet<string> AboutWords = Words(
        """
        word words spell spelled spelling rhyme rhymes translate translates translation translated say plural plurals singular tense tenses synonym synonyms antonym antonyms etymology syllable syllables
        letters pronounce pronounced pronunciation noun nouns verb verbs adjective adjectives adverb adverbs pronoun preposition prepositions sentence sentences palindrome
        anagram grammar grammatical grammatically conjugate conjugation alphabetical alphabetically idiom abbreviation wordle scrabble
        called named rename renamed acronym initialism characters capitalize capitalized numeral numerals digits british american
        """);

    private static readonly HashSet<string> CodeWords = Words(
        """
        shell terminal regex code string strings command json yaml csv xml html css jsx char character boolean type valid echo print key value attribute property field tag method function module import
        variable compiler bash console syntax
        """);

    /// <summary>Whether a prompt is English, as far as its words tell.</summary>
    public static bool IsEnglish(List<PromptToken> tokens)
    {
        var (english, foreign) = (0, 0);
        foreach (var token in tokens)
        {
            if (token.Kind == PromptTokenKind.Word)
            {
                var lower = token.Text.ToLowerInvariant();
                english += Marks.Contains(lower) || lower.EndsWith("'s", StringComparison.Ordinal) ? 1 : 0;
                foreign += Foreign.Contains(lower) && !Marks.Contains(lower) && !Neutral.Contains(lower) ? 1 : 0;
            }
        }

        // "Is Rome big?" has no more of it than its first word.
        english += foreign == 0 && tokens.Count > 2 && tokens[0].Text is "Is" or "is" or "Are" && Array.TrueForAll([.. tokens], token => Ascii.IsValid(token.Text)) ? 1 : 0;
        return english > 2 * foreign;
    }

    /// <summary>Whether a word is one that only holds a sentence together.</summary>
    public static bool IsCommon(string word) => Marks.Contains(word) || Neutral.Contains(word) || Sentence.BeginsYesNo(word) || word is "hi" or "hello" or "hey" or "thanks" or "also" or "or" or "but" or "i";

    /// <summary>Whether words themselves are what it asks about.</summary>
    public static bool IsAboutWords(List<PromptToken> tokens)
    {
        for (var index = 0; index < tokens.Count; index++)
        {
            // "in one sentence", "in 50 words" is about the answer.
            if (tokens[index].Kind == PromptTokenKind.Word
                && (AboutWords.Contains(tokens[index].Text.ToLowerInvariant()) || (tokens[index].Is("for") && index > 0 && tokens[index - 1].Is("stand")))
                && !(index > 0 && (tokens[index - 1].Kind == PromptTokenKind.Number || tokens[index - 1].Is("one") || Contractions.IsNumber(tokens[index - 1].Text))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a language or tool of programmers is named.</summary>
    public static bool NamesCode(List<PromptToken> tokens) =>
        tokens.Exists(token => token.Kind == PromptTokenKind.Word && (Lexicon.Languages.Contains(token.Text.ToLowerInvariant()) || CodeWords.Contains(token.Text.ToLowerInvariant())));

    /// <summary>Takes greetings and thanks away, and nothing else.</summary>
    public static void Greet(List<PromptToken> tokens)
    {
        while (tokens.Count > 2 && tokens[0].Kind == PromptTokenKind.Word && tokens[0].Text is "hi" or "hello" or "hey" or "please" && (tokens[1].Kind == PromptTokenKind.Break || tokens[0].Text == "please"))
        {
            tokens.RemoveRange(0, tokens[1].Kind == PromptTokenKind.Break ? 2 : 1);
        }
    }

    private static HashSet<string> Words(string list) => [.. list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
}
