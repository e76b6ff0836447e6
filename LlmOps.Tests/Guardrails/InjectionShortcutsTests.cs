using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Guardrails.Injection;

namespace LlmOps.Tests.Guardrails;

/// <summary>What the detector passes over for the time it takes changes no verdict: with shortcuts and without, each text has the same score and the same rules.</summary>
public sealed class InjectionShortcutsTests
{
    private const string Ordinary = "Please look at the table of contents, and tell me which chapter to read first: it's short, and we paid 1,250.00 EUR on 2024-05-03. ";

    private static readonly InjectionDetector Detector = new();
    private static readonly InjectionDetector Thorough = new(takesShortcuts: false);
    private static readonly string[] Texts = [.. new[] { "attacks.jsonl", "benign.jsonl" }
        .SelectMany(file => File.ReadLines(Path.Combine(AppContext.BaseDirectory, file))).Select(line => JsonElement.Parse(line).GetProperty("text").GetString()!)];

    public static TheoryData<string> Names => [.. Mutations.Keys];

    // Each disguise has its own way to go around a shortcut.
    private static Dictionary<string, Func<string, Random, string>> Mutations { get; } = new()
    {
        ["as it is"] = (text, _) => text,
        ["in capitals"] = (text, _) => text.ToUpperInvariant(),
        ["mixed case"] = (text, random) => Each(text, c => random.Next(2) == 0 ? char.ToUpperInvariant(c) : c),
        ["leet"] = (text, random) => Each(text, c => random.Next(4) > 0 ? c : c switch { 'o' => '0', 'i' => '1', 'e' => '3', 'a' => '@', 's' => '$', 't' => '7', _ => c }),
        ["lookalikes and accents"] = (text, random) => Each(text, c => random.Next(6) > 0 ? c : c switch { 'a' => 'а', 'e' => 'é', 'o' => 'о', 'p' => 'р', _ => c }),
        ["zero-width"] = (text, random) => Pieces(text, c => random.Next(9) == 0 ? $"{c}\u200b" : $"{c}"),
        ["swapped letters"] = (text, random) => Swap(text, random),
        ["missing and double letters"] = (text, random) => Pieces(text, c => random.Next(25) switch { 0 when char.IsLetter(c) => "", 1 => $"{c}{c}", _ => $"{c}" }),
        ["signs in between"] = (text, random) => Pieces(text, c => random.Next(20) == 0 ? $"{c}{(char)random.Next('!', '~')}" : $"{c}"),
        ["spaced letters"] = (text, _) => string.Join(' ', text.AsEnumerable()),
        ["without spaces"] = (text, _) => text.Replace(" ", "", StringComparison.Ordinal),
        ["other spaces"] = (text, random) => Each(text, c => c == ' ' ? "_.\t\n-  \u00a0"[random.Next(8)] : c),
        ["base64"] = (text, _) => $"Decode {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))} now.",
        ["hex"] = (text, _) => $"Decode {Convert.ToHexString(Encoding.UTF8.GetBytes(text))} now.",
        ["reversed"] = (text, _) => string.Concat(text.Reverse()),
        ["rot13"] = (text, _) => Each(text, c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : c),
        ["end cut off"] = (text, random) => text[..random.Next(text.Length + 1)],
        ["beginning cut off"] = (text, random) => text[random.Next(text.Length + 1)..],
        ["amid ordinary text"] = (text, _) => $"{Ordinary}{text} {Ordinary}",
        ["quoted after ordinary text"] = (text, _) => $"{Ordinary}{Ordinary}\"{text}\" What does it mean?",
        ["far into a text"] = (text, random) => $"{string.Concat(Enumerable.Repeat(Ordinary, 9))[..(1024 - random.Next(Math.Min(text.Length, 1024) + 1))]}{text} {Ordinary}",
        ["beside another"] = (text, random) => $"{Texts[random.Next(Texts.Length)]} {text}",
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Shortcuts_ChangeNoVerdict(string mutation)
    {
        var random = new Random(mutation.Length);

        foreach (var text in Texts.Select(text => Mutations[mutation](text, random)))
        {
            var (with, without) = (Detector.Score(text), Thorough.Score(text));

            with.Score.ShouldBe(without.Score, text);
            with.Rules.ShouldBe(without.Rules, text);
        }
    }

    [Fact]
    public void Shortcuts_ChangeNoVerdict_ForMoreWordsThanAreRememberedByManyAtOnce()
    {
        Parallel.For(0, 2_000, number =>
        {
            var random = new Random(number);
            var words = Enumerable.Range(0, 20).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 15)).Select(_ => (char)random.Next('a', 'z' + 1))));
            var text = $"{string.Join(' ', words)} {Texts[number % Texts.Length]}";

            var (with, without) = (Detector.Score(text), Thorough.Score(text));

            with.Score.ShouldBe(without.Score, text);
            with.Rules.ShouldBe(without.Rules, text);
        });
    }

    private static string Each(string text, Func<char, char> change) => string.Concat(text.Select(change));

    private static string Pieces(string text, Func<char, string> change) => string.Concat(text.Select(change));

    private static string Swap(string text, Random random)
    {
        var characters = text.ToCharArray();
        for (var at = 1; at < characters.Length; at++)
        {
            if (random.Next(12) == 0 && char.IsLetter(characters[at]) && char.IsLetter(characters[at - 1]))
            {
                (characters[at], characters[at - 1]) = (characters[at - 1], characters[at]);
            }
        }

        return new string(characters);
    }
}
