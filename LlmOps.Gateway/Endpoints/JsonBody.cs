using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// A request's JSON body and its checks: every fault names the field by its path and says what was expected.
/// Paths are found only when a fault is told, so a valid body pays nothing for them.
/// </summary>
internal sealed class JsonBody
{
    // 64 levels are far above any real request. A name given twice is refused because the
    // gateway and the provider might each take another one of the two.
    private static readonly JsonDocumentOptions ParseOptions = new() { MaxDepth = 64 };
    private static readonly JsonDocumentOptions StrictOptions = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    // Up to this many names are compared with each other; for more, or escaped ones, the framework has a table.
    private const int FewNames = 12;

    private JsonElement? _root;

    private JsonBody(ReadOnlyMemory<byte> bytes, JsonElement? root)
    {
        Bytes = bytes;
        _root = root;
    }

    /// <summary>The caller's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The body, an object; backed by <see cref="Bytes"/>.</summary>
    public JsonElement Root => _root ??= JsonDocument.Parse(Bytes, ParseOptions).RootElement;

    /// <summary>Whether a document has been made of it already: not of a plain chat, unless somebody has looked for a field of it.</summary>
    public bool HasDocument => _root is not null;

    /// <summary>A body that is known to be an object and right; a document is made of it when somebody looks for one.</summary>
    public static JsonBody Checked(ReadOnlyMemory<byte> bytes) => new(bytes, null);

    /// <summary>Parses a body that must be an object.</summary>
    /// <param name="bytes">The body.</param>
    /// <param name="what">What it is called in messages.</param>
    /// <exception cref="GatewayException">It is not valid UTF-8 or JSON, too deep, names a field twice, or is no object.</exception>
    public static JsonBody Parse(ReadOnlyMemory<byte> bytes, string what = "The body")
    {
        if (bytes.Span.StartsWith("\uFEFF"u8))
        {
            // Some editors and shells put a byte order mark there; RFC 8259 (8.1) lets a parser pass over it.
            bytes = bytes[3..];
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            throw new GatewayException(ErrorCode.InvalidJson, $"{what} is not valid UTF-8; expected JSON in UTF-8.");
        }

        JsonElement root;
        try
        {
            // Not disposed on purpose: tools' schemas go on referring to it for as long as anyone needs them.
            root = JsonDocument.Parse(bytes, ParseOptions).RootElement;
            if (MayRepeatNames(root))
            {
                root = JsonDocument.Parse(bytes, StrictOptions).RootElement;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with a lone surrogate escape such as \ud800.
            throw new GatewayException(ErrorCode.InvalidJson, $"{what} is not valid JSON: {exception.Message}", innerException: exception);
        }

        return root.ValueKind == JsonValueKind.Object
            ? new JsonBody(bytes, root)
            : throw new GatewayException(ErrorCode.InvalidJson, $"{what} is {Name(root)}; expected an object.");
    }

    /// <summary>A member of an object; null when it is absent or JSON null, which the API treats alike.</summary>
    public static JsonElement? Optional(JsonElement parent, ReadOnlySpan<byte> name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <inheritdoc cref="Optional(JsonElement, ReadOnlySpan{byte})"/>
    public static JsonElement? Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A member of an object that must be there.</summary>
    public JsonElement Required(JsonElement parent, ReadOnlySpan<byte> name, string expected) =>
        Optional(parent, name) ?? throw Missing(parent, name, expected);

    /// <summary>The fault of a member that must be there and is not.</summary>
    public GatewayException Missing(JsonElement parent, ReadOnlySpan<byte> name, string expected)
    {
        var path = PathOf(parent);
        var missing = Encoding.UTF8.GetString(name);
        var field = path.Length == 0 ? missing : $"{path}.{missing}";
        return new GatewayException(ErrorCode.MissingParameter, $"{field} is missing; expected {expected}.", field);
    }

    /// <summary>The value as text.</summary>
    public string Text(JsonElement value, string expected = "a string")
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Invalid(value, expected);
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape such as \ud800 is JSON, but no text.
            throw Invalid(value, "text in valid Unicode");
        }
    }

    /// <summary>The value as text that is more than white space.</summary>
    public string NonEmptyText(JsonElement value, string expected = "a non-empty string") =>
        Text(value, expected) is var text && !string.IsNullOrWhiteSpace(text) ? text : throw Invalid(value, expected);

    /// <summary>The value as a text that is kept: not only white space, not too long, and of characters that every database takes.</summary>
    /// <param name="value">The value.</param>
    /// <param name="most">The most characters.</param>
    public string ShortText(JsonElement value, int most) =>
        NonEmptyText(value) is var text && text.Length <= most && !text.Contains('\0') ? text : throw Invalid(value, $"1 to {most} characters, none of them U+0000");

    /// <summary>The value as true or false.</summary>
    public bool Boolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(value, "true or false"),
    };

    /// <summary>The value as a number within the bounds, both included.</summary>
    public double Number(JsonElement value, double min, double max) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max
            ? number
            : throw Invalid(value, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    /// <summary>The value as a whole number within the bounds, both included.</summary>
    public long Integer(JsonElement value, long min, long max) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw Invalid(value, (min, max) switch
            {
                (long.MinValue, long.MaxValue) => "a whole number",
                (_, int.MaxValue) => $"a whole number of at least {min}",
                _ => $"a whole number from {min} to {max}",
            });

    /// <summary>The value, which must be an object.</summary>
    public JsonElement Object(JsonElement value, string expected = "an object") =>
        value.ValueKind == JsonValueKind.Object ? value : throw Invalid(value, expected);

    /// <summary>The value, which must be an array.</summary>
    public JsonElement Array(JsonElement value, string expected = "an array") =>
        value.ValueKind == JsonValueKind.Array ? value : throw Invalid(value, expected);

    /// <summary>Refuses a member that an object has not: one whose name is mistyped must not be passed over.</summary>
    public void RefuseUnknown(JsonElement parent, params string[] known)
    {
        foreach (var member in parent.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            var path = PathOf(parent);
            var field = Shown.Short(path.Length == 0 ? member.Name : $"{path}.{member.Name}");
            throw new GatewayException(ErrorCode.InvalidValue, $"{field} is not known here; expected {string.Join(", ", known)}.", field);
        }
    }

    /// <summary>The fault of a value that is not what was expected.</summary>
    public GatewayException Invalid(JsonElement value, string expected)
    {
        var path = PathOf(value);
        return new GatewayException(ErrorCode.InvalidValue, $"{path} is {Name(value)}; expected {expected}.", path);
    }

    /// <summary>Where the raw text of a value starts in <see cref="Bytes"/>, and how long it is.</summary>
    public (int Start, int Length) RangeOf(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        Bytes.Span.Overlaps(raw, out var start);
        return (start, raw.Length);
    }

    /// <summary>The path of a value of this body: <c>messages[0].content</c>; empty for the body itself.</summary>
    public string PathOf(JsonElement value)
    {
        var target = RangeOf(value).Start;
        var path = "";
        var current = Root;
        while (RangeOf(current).Start != target)
        {
            (current, path) = current.ValueKind == JsonValueKind.Object
                ? current.EnumerateObject().Where(property => Contains(property.Value, target))
                    .Select(property => (property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}")).First()
                : current.EnumerateArray().Select((item, index) => (item, $"{path}[{index}]")).First(pair => Contains(pair.item, target));
        }

        return path;
    }

    // False where no object can have a name twice. Saves most requests the framework's check, which takes a third of parsing.
    private static bool MayRepeatNames(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return MayRepeatNamesIn(value);
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (MayRepeatNames(item))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return false;
        }
    }

    private static bool MayRepeatNamesIn(JsonElement parent)
    {
        Span<(int Length, ulong Start)> seen = stackalloc (int, ulong)[FewNames];
        var count = 0;
        foreach (var member in parent.EnumerateObject())
        {
            var raw = JsonMarshal.GetRawUtf8PropertyName(member);
            var name = (raw.Length, Start(raw));
            if (count == FewNames || raw.Contains((byte)'\\') || seen[..count].Contains(name) || MayRepeatNames(member.Value))
            {
                return true;
            }

            seen[count++] = name;
        }

        return false;
    }

    // Names that differ mostly do within their first eight bytes.
    private static ulong Start(ReadOnlySpan<byte> name)
    {
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        name[..Math.Min(name.Length, sizeof(ulong))].CopyTo(start);
        return MemoryMarshal.Read<ulong>(start);
    }

    private bool Contains(JsonElement value, int position)
    {
        var (start, length) = RangeOf(value);
        return position >= start && position < start + length;
    }

    // Values are shown where they are short words or numbers; anything longer may be somebody's prompt, and messages are logged.
    private static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "an empty array" : "an array",
        JsonValueKind.String => value.GetRawText() is { Length: <= 24 } text && !text.AsSpan().ContainsAny(' ', '\\') ? text : "a string",
        JsonValueKind.Number => value.GetRawText() is { Length: <= 24 } text ? text : "a number",
        _ => value.GetRawText(),
    };
}
