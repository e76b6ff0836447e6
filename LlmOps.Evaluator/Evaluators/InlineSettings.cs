using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Settings in one line: <c>max_words=60,name="short, plain"</c>, or a JSON object.</summary>
internal static partial class InlineSettings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">They are not written so.</exception>
    public static JsonObject Read(string text)
    {
        if (text.TrimStart().StartsWith('{'))
        {
            return ReadJson(text);
        }

        var settings = new JsonObject();
        for (var position = 0; position <= text.Length;)
        {
            var match = Setting().Match(text, position);
            if (!match.Success)
            {
                throw new FormatException($"'{text[position..]}' is no setting (a value with commas goes between double quotes)");
            }

            if (!settings.TryAdd(match.Groups["name"].Value, Value(match)))
            {
                throw new FormatException($"'{match.Groups["name"].Value}' is given twice");
            }

            position = match.Index + match.Length + 1;
        }

        return settings;
    }

    private static JsonObject ReadJson(string text)
    {
        try
        {
            return JsonObject.Create(JsonBody.Parse(Encoding.UTF8.GetBytes(text)).Root)!;
        }
        catch (GatewayException fault)
        {
            throw new FormatException($"the settings are no JSON: {fault.Message}", fault);
        }
    }

    private static JsonValue Value(Match match) => match.Groups["quoted"] is { Success: true } quoted
        ? JsonValue.Create(quoted.Value.Replace("\"\"", "\"", StringComparison.Ordinal))
        : match.Groups["plain"].Value.Trim() switch
        {
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            var plain when Number().IsMatch(plain) => JsonValue.Create(JsonElement.Parse(Encoding.UTF8.GetBytes(plain)))!,
            var plain => JsonValue.Create(plain),
        };

    // Up to a comma or the end; what is not in quotes has no quotes at its start.
    [GeneratedRegex("\\G\\s*(?<name>[A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(?:\"(?<quoted>(?:[^\"]|\"\")*)\"\\s*|(?<plain>(?!\")[^,]*))(?=,|$)")]
    private static partial Regex Setting();

    // As in JSON (RFC 8259, section 6).
    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$")]
    private static partial Regex Number();
}
