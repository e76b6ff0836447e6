using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>
/// A JSON object that a judge answered with. Models keep to a form more or less: the case of names is passed over, and a number
/// or a yes may stand in a text. What may mean two things is refused.
/// </summary>
/// <param name="Json">The object.</param>
internal readonly partial record struct Judgement(JsonElement Json)
{
    private const int LongestShown = 200;

    /// <summary>Why, in the judge's words, or as it wrote them where that is no text; null where it does not say.</summary>
    /// <exception cref="JudgementException">It says so twice.</exception>
    public string? Reason => Find("reason") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Words("reason", text, "a text"),
        { } other => Short(other.GetRawText()),
    };

    /// <summary>A text on one line, in at most so many characters (UTF-16).</summary>
    public static string Short(string text, int longest = LongestShown)
    {
        var line = WhiteSpace().Replace(text.Trim(), " ");
        return line.Length <= longest ? line : $"{line[..longest]}…";
    }

    /// <summary>Whether it has a member of a name.</summary>
    public bool Has(string name) => Members(Json, name).Any();

    /// <summary>A number within the bounds, both included: 4, "4", "4.0", or "4/5" where 5 is the upper bound.</summary>
    /// <exception cref="JudgementException">There is none, or another one.</exception>
    public double Number(string name, double min, double max)
    {
        var given = Required(name);
        double? number = given.ValueKind switch
        {
            JsonValueKind.Number => given.GetDouble(),
            JsonValueKind.String => NumberIn(Words(name, given, "a number"), max),
            _ => null,
        };
        return number >= min && number <= max ? number.Value : throw Wrong(name, given, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));
    }

    /// <summary>Yes or no: true, "true", "yes", false, "false", "no".</summary>
    /// <exception cref="JudgementException">There is neither.</exception>
    public bool Flag(string name)
    {
        var given = Required(name);
        return given.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => Words(name, given, "true or false").Trim().ToUpperInvariant() switch
            {
                "TRUE" or "YES" => true,
                "FALSE" or "NO" => false,
                _ => throw Wrong(name, given, "true or false"),
            },
            _ => throw Wrong(name, given, "true or false"),
        };
    }

    /// <summary>One of some words, as it is written here.</summary>
    /// <exception cref="JudgementException">There is none of them.</exception>
    public string Word(string name, params IReadOnlyList<string> words)
    {
        var given = Required(name);
        var expected = string.Join(", ", words);
        var word = Words(name, given, expected).Trim();
        return words.FirstOrDefault(each => each.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? throw Wrong(name, given, expected);
    }

    /// <summary>A text.</summary>
    /// <exception cref="JudgementException">There is none.</exception>
    public string Text(string name) => Words(name, Required(name), "a text");

    /// <summary>A list of objects, which may be empty.</summary>
    /// <exception cref="JudgementException">There is none.</exception>
    public IReadOnlyList<Judgement> Items(string name)
    {
        var given = Required(name);
        return given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. given.EnumerateArray().Select(item => new Judgement(item))]
            : throw Wrong(name, given, "a list of objects");
    }

    private static IEnumerable<JsonElement> Members(JsonElement json, string name) =>
        json.EnumerateObject().Where(member => string.Equals(NameOf(member), name, StringComparison.OrdinalIgnoreCase)).Select(member => member.Value);

    // Null where an escape such as \ud800 is half of a character.
    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static double? NumberIn(string text, double max)
    {
        var parts = text.Split('/');
        return parts.Length <= 2 && Parse(parts[0]) is { } number && (parts.Length == 1 || Parse(parts[1]) == max) ? number : null;

        static double? Parse(string part) =>
            double.TryParse(part, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) ? number : null;
    }

    private static string Words(string name, JsonElement given, string expected)
    {
        try
        {
            return given.ValueKind == JsonValueKind.String ? given.GetString()! : throw Wrong(name, given, expected);
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, given, "text in valid Unicode");
        }
    }

    private static JudgementException Wrong(string name, JsonElement given, string expected) =>
        new($"The judge's '{name}' is {Short(given.GetRawText())}; expected {expected}.");

    private JsonElement Required(string name) => Find(name) ?? throw new JudgementException($"The judge's answer has no '{name}': {Short(Json.GetRawText())}");

    private JsonElement? Find(string name)
    {
        List<JsonElement> found = [.. Members(Json, name)];
        return found.Count switch
        {
            0 => null,
            1 => found[0].ValueKind == JsonValueKind.Null ? null : found[0],
            _ => throw new JudgementException($"The judge's answer has '{name}' more than once: {Short(Json.GetRawText())}"),
        };
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex WhiteSpace();
}
