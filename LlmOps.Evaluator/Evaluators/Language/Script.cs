using System.Text;

namespace LlmOps.Evaluator.Evaluators.Language;

/// <summary>A script: which characters are of it, and which languages are written in it.</summary>
/// <param name="First">The first of its code points.</param>
/// <param name="Last">The last of its code points.</param>
/// <param name="Weight">How many letters of an alphabet one of its signs is worth.</param>
/// <param name="Group">The languages.</param>
internal sealed record Script(int First, int Last, int Weight, LanguageGroup Group)
{
    /// <summary>Chinese characters, which Japanese has too.</summary>
    public static Script Han { get; } = Of(0x4E00, 0x9FFF, "zh", 3);

    /// <summary>Hiragana and katakana.</summary>
    public static Script Kana { get; } = Of(0x3040, 0x30FF, "ja", 3);

    private static readonly LanguageGroup Latin = new(LatinLanguages.All);

    /// <summary>All that are known. Of a script with several blocks, those that most texts are in.</summary>
    public static IReadOnlyList<Script> All { get; } =
    [
        new(0x41, 0x24F, 1, Latin), new(0x1E00, 0x1EFF, 1, Latin),
        new(0x400, 0x52F, 1, new LanguageGroup(OtherLanguages.Cyrillic)), new(0x600, 0x6FF, 1, new LanguageGroup(OtherLanguages.Arabic)), new(0x900, 0x97F, 1, new LanguageGroup(OtherLanguages.Devanagari)),
        Han, Kana, Of(0xAC00, 0xD7A3, "ko", 3),
        Of(0x370, 0x3FF, "el"), Of(0x530, 0x58F, "hy"), Of(0x590, 0x5FF, "he"), Of(0x10A0, 0x10FF, "ka"), Of(0xE00, 0xE7F, "th"), Of(0xE80, 0xEFF, "lo"),
        Of(0x980, 0x9FF, "bn"), Of(0xA00, 0xA7F, "pa"), Of(0xA80, 0xAFF, "gu"), Of(0xB80, 0xBFF, "ta"), Of(0xC00, 0xC7F, "te"), Of(0xC80, 0xCFF, "kn"),
        Of(0xD00, 0xD7F, "ml"), Of(0xD80, 0xDFF, "si"), Of(0x1000, 0x109F, "my"), Of(0x1200, 0x137F, "am"), Of(0x1780, 0x17FF, "km"),
    ];

    /// <summary>The script of a letter; null for what is no letter of any.</summary>
    public static Script? Find(Rune rune) => Rune.IsLetter(rune) ? All.FirstOrDefault(script => rune.Value >= script.First && rune.Value <= script.Last) : null;

    private static Script Of(int first, int last, string language, int weight = 1) =>
        new(first, last, weight, new LanguageGroup([new LanguageProfile([language], new HashSet<char>(), new HashSet<string>())]));
}
