using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Reads an evaluator's settings: every fault names the evaluator, the setting and what was expected. What has not been asked for is unknown.</summary>
internal sealed class SettingsReader
{
    private readonly EvaluatorSpec _spec;
    private readonly JsonBody _body;
    private readonly List<string> _known = [];

    /// <exception cref="BadInputException">The settings are no object, or name one twice.</exception>
    public SettingsReader(EvaluatorSpec spec)
    {
        _spec = spec;
        _body = Checked(() => JsonBody.Parse(spec.Settings is { } settings ? JsonMarshal.GetRawUtf8Value(settings).ToArray() : "{}"u8.ToArray()));
        var canonical = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(canonical, _body.Bytes.Span, _ => false);
        Fingerprint = $"{spec.Type} {Encoding.UTF8.GetString(canonical.WrittenSpan)}";
    }

    /// <summary>The type and the settings, in one form whatever their order.</summary>
    public string Fingerprint { get; }

    /// <summary>A metric with the evaluator's name, type and settings.</summary>
    public Metric Metric(MetricKind kind, MetricDirection direction = MetricDirection.HigherIsBetter) =>
        new() { Name = _spec.Name, Type = _spec.Type, Kind = kind, Direction = direction, Settings = _spec.Settings };

    /// <summary>A setting of true or false.</summary>
    public bool Flag(string name, bool fallback = false) => Optional(name) is { } value ? Checked(() => _body.Boolean(value)) : fallback;

    /// <summary>A setting that is a text and not empty, or a number, true or false, as which some texts are read; null where it is not given.</summary>
    public string? Text(string name) => Optional(name) is { } value ? Checked(() => TextOf(value)) : null;

    /// <summary>A setting that is a list of texts, at least one, or a single text; null where it is not given.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="expected">What is expected, for faults.</param>
    public IReadOnlyList<string>? Texts(string name, string expected = "a list of texts") => Optional(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => Checked(() => list.GetArrayLength() > 0 ? list.EnumerateArray().Select(item => TextOf(item)).ToList() : throw _body.Invalid(list, expected)),
        { } text => Checked(() => new List<string> { TextOf(text, expected) }),
    };

    /// <summary>A setting that is one of some words, the first where it is not given.</summary>
    public string Choice(string name, params string[] choices) =>
        Text(name) is not { } word ? choices[0] : choices.Contains(word) ? word : throw Fault(name, string.Join(" or ", choices));

    /// <summary>A setting that is a whole number; null where it is not given.</summary>
    public int? Integer(string name, int min, int max = int.MaxValue) => Optional(name) is { } value ? Checked(() => (int)_body.Integer(value, min, max)) : null;

    /// <summary>A setting that is a number; null where it is not given.</summary>
    public double? Number(string name, double min, double max) => Optional(name) is { } value ? Checked(() => _body.Number(value, min, max)) : null;

    /// <summary>A setting that is any JSON but null; null where it is not given.</summary>
    public JsonElement? Json(string name) => Optional(name);

    /// <summary>The fault of a setting that is given and not what was expected.</summary>
    public BadInputException Fault(string name, string expected) => Fault(_body.Invalid(JsonBody.Optional(_body.Root, name)!.Value, expected));

    /// <summary>The fault of a setting that must be given and is not.</summary>
    public BadInputException Missing(string name, string expected) => Fault(_body.Missing(_body.Root, Encoding.UTF8.GetBytes(name), expected));

    /// <summary>The fault of settings that do not go with each other.</summary>
    public BadInputException Fault(string message) => new($"Evaluator {_spec.Name}{(_spec.Name == _spec.Type ? "" : $" ({_spec.Type})")}: {message}");

    /// <summary>Refuses what has not been asked for.</summary>
    /// <exception cref="BadInputException">There is such a setting.</exception>
    public void RefuseOthers() => Checked(() =>
    {
        _body.RefuseUnknown(_body.Root, [.. _known, EvaluatorSpec.NameSetting]);
        return true;
    });

    private JsonElement? Optional(string name)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }

        return JsonBody.Optional(_body.Root, name);
    }

    private string TextOf(JsonElement value, string expected = "a text that is not empty") =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : _body.NonEmptyText(value, expected);

    private BadInputException Fault(GatewayException fault) => Fault(fault.Message);

    private T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (GatewayException fault)
        {
            throw Fault(fault);
        }
    }
}
