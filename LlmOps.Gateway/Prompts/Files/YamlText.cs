using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>
/// A YAML document read as JSON, so that it is checked as the bodies of the API are, with the line that each of its values
/// begins in. Scalars mean what YAML 1.2's core schema says (10.3.2); anchors, aliases and tags are refused.
/// </summary>
internal sealed partial class YamlText
{
    /// <summary>The most values of a prompt, which has some dozen.</summary>
    public const int MostPromptValues = 10_000;

    private const int MostLevels = 32;

    private readonly Parser _parser;
    private readonly int _mostValues;
    private readonly Dictionary<string, (int Line, bool IsLiteral)> _places = [];

    private YamlText(string text, int mostValues)
    {
        _mostValues = mostValues;
        _parser = new Parser(new StringReader(text));
        var bytes = new ArrayBufferWriter<byte>(text.Length + 256);
        using (var json = new Utf8JsonWriter(bytes))
        {
            try
            {
                Write(json);
            }
            catch (InvalidOperationException)
            {
                // What the parser says of some text, instead of an exception of its own.
                throw Fault("It is not YAML: what comes next cannot be read.");
            }
        }

        Body = JsonBody.Parse(bytes.WrittenMemory);
    }

    /// <summary>The document, an object.</summary>
    public JsonBody Body { get; }

    /// <summary>Reads a document and what is in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="understand">Checks it.</param>
    /// <param name="mostValues">The most values that it may have.</param>
    /// <exception cref="PromptFileException">It is no YAML, or not what was expected; with the line.</exception>
    public static T Read<T>(string text, Func<YamlText, T> understand, int mostValues = MostPromptValues)
    {
        YamlText? yaml = null;
        try
        {
            yaml = new YamlText(text, mostValues);
            return understand(yaml);
        }
        catch (YamlException exception)
        {
            throw new PromptFileException((int)exception.Start.Line, $"It is not YAML: {exception.Message}");
        }
        catch (GatewayException exception)
        {
            throw new PromptFileException(yaml?.LineOf(exception.Field), exception.Message);
        }
    }

    /// <summary>The line that a value, or what should have it as a member, begins in; null where there is no such place.</summary>
    /// <param name="path">Its path, such as <c>messages[0].content</c>.</param>
    /// <param name="linesIntoText">A line of a literal block (|), from 0 for its first.</param>
    public int? LineOf(string? path, int linesIntoText = 0)
    {
        for (var place = path; place is not null; place = ParentOf(place))
        {
            if (_places.TryGetValue(place, out var found))
            {
                return found.Line + (found.IsLiteral && place == path ? 1 + linesIntoText : 0);
            }
        }

        return null;
    }

    private static string? ParentOf(string path) => path.Length == 0 ? null : path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];

    private void Write(Utf8JsonWriter json)
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            throw new PromptFileException(null, "The file is empty.");
        }

        _parser.Consume<DocumentStart>();
        Write(json, "", 0);
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _))
        {
            throw Fault("There is more than one document in the file; expected one.");
        }
    }

    private void Write(Utf8JsonWriter json, string path, int level)
    {
        if (_places.Count >= _mostValues || level > MostLevels)
        {
            throw Fault($"There is too much in the file; expected at most {_mostValues} values in {MostLevels} levels.");
        }

        RefuseMarks();
        var line = (int)_parser.Current!.Start.Line;
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            _places[path] = (line, scalar.Style == ScalarStyle.Literal);
            Write(json, scalar);
        }
        else if (_parser.TryConsume<SequenceStart>(out _))
        {
            _places[path] = (line, false);
            json.WriteStartArray();
            for (var index = 0; !_parser.TryConsume<SequenceEnd>(out _); index++)
            {
                Write(json, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), level + 1);
            }

            json.WriteEndArray();
        }
        else
        {
            _places[path] = (line, false);
            WriteMapping(json, path, level);
        }
    }

    private void WriteMapping(Utf8JsonWriter json, string path, int level)
    {
        _parser.Consume<MappingStart>();
        json.WriteStartObject();
        HashSet<string> names = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            RefuseMarks();
            if (!_parser.TryConsume<Scalar>(out var name))
            {
                throw Fault("A name is no plain text; expected name: value.");
            }

            if (!names.Add(name.Value))
            {
                throw new PromptFileException((int)name.Start.Line, $"{name.Value} is there twice; expected it once.");
            }

            json.WritePropertyName(name.Value);
            Write(json, path.Length == 0 ? name.Value : $"{path}.{name.Value}", level + 1);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Scalar scalar)
    {
        switch (scalar.Value)
        {
            case var _ when scalar.Style != ScalarStyle.Plain:
                json.WriteStringValue(scalar.Value);
                break;
            case "" or "~" or "null" or "Null" or "NULL":
                json.WriteNullValue();
                break;
            case "true" or "True" or "TRUE":
                json.WriteBooleanValue(true);
                break;
            case "false" or "False" or "FALSE":
                json.WriteBooleanValue(false);
                break;
            case var number when JsonNumber().IsMatch(number):
                json.WriteRawValue(number);
                break;
            default:
                json.WriteStringValue(scalar.Value);
                break;
        }
    }

    private void RefuseMarks()
    {
        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false } or AnchorAlias)
        {
            throw Fault("Anchors, aliases and tags are not taken here; expected plain values.");
        }
    }

    private PromptFileException Fault(string reason) => new((int?)_parser.Current?.Start.Line, reason);

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();
}
