using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Providers;

/// <summary>Lenient access to a provider's JSON: what has an unexpected type counts as absent.</summary>
internal static partial class WireJson
{
    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(JsonElement? parent, string name)
    {
        try
        {
            return parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
                ? value
                : null;
        }
        catch (InvalidOperationException)
        {
            // Another name of the object has half a surrogate pair, which is JSON but no text.
            return null;
        }
    }

    /// <summary>A member of a member, as deep as there are names.</summary>
    public static JsonElement? At(JsonElement? root, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            root = Member(root, name);
        }

        return root;
    }

    /// <summary>A member that is text; null otherwise.</summary>
    public static string? Text(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } value ? Text(value) : null;

    /// <summary>A string's text. Half a surrogate pair, which servers send when they split a chunk inside a character, becomes U+FFFD.</summary>
    public static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return JsonElement.Parse(WholePairs(value.GetRawText())).GetString()!;
        }
    }

    /// <summary>JSON in which every half of a surrogate pair is U+FFFD: nothing that reads or writes it trips over one.</summary>
    public static ReadOnlyMemory<byte> WholePairs(ReadOnlyMemory<byte> json) =>
        json.Span.IndexOf("\\ud"u8) < 0 && json.Span.IndexOf("\\uD"u8) < 0 ? json : Encoding.UTF8.GetBytes(WholePairs(Encoding.UTF8.GetString(json.Span)));

    /// <summary>A member that is a whole number; null otherwise.</summary>
    public static long? Integer(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A member that is a count; null otherwise.</summary>
    public static long? Count(JsonElement? parent, string name) => Integer(parent, name) is >= 0 and var count ? count : null;

    /// <summary>A member that is a finite number; null otherwise.</summary>
    public static double? Number(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    /// <summary>The items of a list; none of anything else.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement? list) => list is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>The items of a member that is a list; none otherwise.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement? parent, string name) =>
        Items(Member(parent, name));

    /// <summary>A member as JSON text without white space, as OpenAI has a call's arguments; an empty object where it is absent.</summary>
    public static string Arguments(JsonElement? parent, string name)
    {
        if (Member(parent, name) is not { } value)
        {
            return "{}";
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            // Some servers write them as OpenAI does.
            return Text(value);
        }

        var output = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            value.WriteTo(json);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string WholePairs(string json) =>
        EscapeForm().Replace(json, match => match.Groups["half"].Success ? @"\ufffd" : match.Value);

    // Every escape, so that \\ud83d, which is a backslash and letters, is not taken for one.
    [GeneratedRegex(@"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", RegexOptions.Singleline)]
    private static partial Regex EscapeForm();
}
