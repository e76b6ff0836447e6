using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.JsonSchema.Assertions;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>The keywords without subschemas.</summary>
internal static class ValueKeywords
{
    /// <summary>What a keyword demands; null where it is none of these.</summary>
    public static Assertion? Read(string keyword, KeywordValue value) => keyword switch
    {
        "type" => new TypeAssertion(Types(value)),
        "enum" => new EnumAssertion([.. value.Items("an array of at least one value", isFilled: true).Select(item => item.Value)]),
        "const" => new EnumAssertion([value.Value]),
        "minimum" => Number(value, "at least", value.Number(), static sign => sign >= 0),
        "maximum" => Number(value, "at most", value.Number(), static sign => sign <= 0),
        "exclusiveMinimum" => Number(value, "more than", value.Number(), static sign => sign > 0),
        "exclusiveMaximum" => Number(value, "less than", value.Number(), static sign => sign < 0),
        "multipleOf" => MultipleOf(value, value.PositiveNumber()),
        "minLength" => new CountAssertion(JsonValueKind.String, isLeast: true, value.Count()),
        "maxLength" => new CountAssertion(JsonValueKind.String, isLeast: false, value.Count()),
        "minItems" => new CountAssertion(JsonValueKind.Array, isLeast: true, value.Count()),
        "maxItems" => new CountAssertion(JsonValueKind.Array, isLeast: false, value.Count()),
        "minProperties" => new CountAssertion(JsonValueKind.Object, isLeast: true, value.Count()),
        "maxProperties" => new CountAssertion(JsonValueKind.Object, isLeast: false, value.Count()),
        "uniqueItems" => value.Flag() ? new UniqueItemsAssertion() : Nothing,
        "required" => new RequiredAssertion([.. value.Items("an array of property names").Select(item => item.Text())]),
        "format" => new FormatAssertion(value.Text(), StringFormats.Find(value.Text()) ?? throw value.Expected($"one of the supported formats {StringFormats.Known}")),
        _ => null,
    };

    /// <summary>Whether a keyword only describes, and its value is of the right type.</summary>
    public static bool IsAnnotation(string keyword, KeywordValue value)
    {
        switch (keyword)
        {
            case "title" or "description" or "$comment" or "$schema":
                value.Text();
                return true;
            case "deprecated" or "readOnly" or "writeOnly":
                value.Flag();
                return true;
            case "examples":
                value.Items();
                return true;
            default:
                return keyword == "default";
        }
    }

    private static AllOfAssertion Nothing { get; } = new([]);

    private static NumberAssertion Number(KeywordValue value, string bound, ExactNumber limit, Predicate<int> allows) =>
        new($"{bound} {Shown.Short(value.Value.GetRawText())}", number => allows(number.CompareTo(limit)));

    private static NumberAssertion MultipleOf(KeywordValue value, ExactNumber divisor) =>
        new($"a multiple of {Shown.Short(value.Value.GetRawText())}", number => number.IsMultipleOf(divisor));

    private static JsonTypes Types(KeywordValue value)
    {
        var names = value.Value.ValueKind == JsonValueKind.Array ? value.Items("at least one type", isFilled: true) : [value];
        var types = JsonTypes.None;
        foreach (var name in names)
        {
            var type = name.Value.ValueKind == JsonValueKind.String ? JsonTypeNames.Parse(name.Text()) : JsonTypes.None;
            types |= type == JsonTypes.None ? throw name.Expected($"one of {JsonTypeNames.Known}") : type;
        }

        return types;
    }
}
