using System.Globalization;

namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Whole numbers written as digits or as words: English up to twenty, five other languages up to ten.</summary>
internal static class NumberWords
{
    private static readonly Dictionary<string, int> Values = Read(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty
        null ein zwei drei vier fünf sechs sieben acht neun zehn
        cero un dos tres cuatro cinco seis siete ocho nueve diez
        zéro une deux trois quatre cinq six sept huit neuf dix
        zero uno due tre quattro cinque sei sette otto nove dieci
        zero um dois três quatro cinco seis sete oito nove dez
        - eine - - - - - - - - -
        - einem duas - - - - - - - -
        - einen - - - - - - - - -
        - una - - - - - - - - -
        - uma - - - - - - - - -
        """);

    /// <summary>Reads "12" or, in lower case, "twelve".</summary>
    public static bool TryParse(string word, out int value) =>
        Values.TryGetValue(word, out value) || (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 0);

    /// <summary>Reads an English number word, in lower case, only: articles of other languages are too common in sentences.</summary>
    public static bool TryParseEnglishWord(string word, out int value) => Values.TryGetValue(word, out value) && IsEnglish(word);

    private static bool IsEnglish(string word) =>
        word is "zero" or "one" or "two" or "three" or "four" or "five" or "six" or "seven" or "eight" or "nine" or "ten"
            or "eleven" or "twelve" or "thirteen" or "fourteen" or "fifteen" or "sixteen" or "seventeen" or "eighteen" or "nineteen" or "twenty";

    // One line per set of words; a word's place is its value, and a dash is a place without a word.
    private static Dictionary<string, int> Read(string lines)
    {
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string line in lines.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            for (int i = 0; i < words.Length; i++)
            {
                if (words[i] != "-")
                {
                    values.TryAdd(words[i], i);
                }
            }
        }

        return values;
    }
}
