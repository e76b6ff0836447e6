using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>One check of a value: its faults so far, where it is, and how much work it has left.</summary>
internal sealed class Validation
{
    /// <summary>The time for all regular expressions of a check, which steps do not bound; usual ones take microseconds.</summary>
    public static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(500);

    private const int MaxFaults = 20;
    private const int MaxSteps = 1_000_000;
    private const int MaxNesting = 512;
    private const int BytesPerStep = 64;

    private readonly List<SchemaFault> _faults = [];
    private readonly List<(string? Name, int Index)> _path = [];
    private int _steps = MaxSteps;
    private TimeSpan _patternTime = PatternTime;
    private int _nesting;
    private int _trials;
    private bool _stopped;

    private Validation()
    {
    }

    /// <summary>Whether faults are told, not only looked for.</summary>
    public bool Reports => _trials == 0;

    /// <summary>Whether to look for more faults after one was found.</summary>
    public bool Continues => Reports && !_stopped && _faults.Count < MaxFaults;

    /// <summary>The faults of a value.</summary>
    public static IReadOnlyList<SchemaFault> Of(SchemaNode schema, JsonElement value)
    {
        var run = new Validation();
        run.Holds(schema, value);
        return run._faults;
    }

    /// <summary>Whether the value fits; its faults are told.</summary>
    public bool Holds(SchemaNode schema, JsonElement value)
    {
        if (_nesting == MaxNesting)
        {
            Stop(string.Create(CultureInfo.InvariantCulture, $"cannot be checked: schemas are nested there more than {MaxNesting} deep"));
        }

        if (!Spend(value.ValueKind == JsonValueKind.String ? value : default))
        {
            return false;
        }

        _nesting++;
        var holds = true;
        foreach (var assertion in schema.Assertions)
        {
            holds &= assertion.Check(value, this);
            if (!holds && !Continues)
            {
                break;
            }
        }

        _nesting--;
        return holds;
    }

    /// <summary>Whether a property of the value fits; its faults are told.</summary>
    public bool Holds(SchemaNode schema, JsonProperty property) => Holds(schema, property.Value, (property.Name, -1));

    /// <summary>Whether an item of the value fits; its faults are told.</summary>
    public bool Holds(SchemaNode schema, JsonElement item, int index) => Holds(schema, item, (null, index));

    /// <summary>Whether the value fits; its faults are nobody's business.</summary>
    public bool Fits(SchemaNode schema, JsonElement value)
    {
        _trials++;
        var fits = Holds(schema, value);
        _trials--;
        return fits;
    }

    /// <summary>Whether two values are equal as JSON: numbers by value, objects whatever their order.</summary>
    public bool AreEqual(JsonElement one, JsonElement other) =>
        one.ValueKind == other.ValueKind && Spend(one) && JsonElement.DeepEquals(one, other);

    /// <summary>Takes the work for reading all of a value; false where there was not enough left.</summary>
    public bool Spend(JsonElement value) =>
        Spend(1 + (value.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(value).Length / BytesPerStep));

    /// <summary>Takes a number of steps; false where there were not enough left, and nothing is to be relied on any more.</summary>
    public bool Spend(int steps)
    {
        _steps -= Math.Min(steps, MaxSteps);
        if (_steps < 0)
        {
            Stop(string.Create(CultureInfo.InvariantCulture, $"cannot be checked: the schema needs more than {MaxSteps} steps for this value"));
        }

        return !_stopped;
    }

    /// <summary>Takes the time of a regular expression; false where there was not enough left, and nothing is to be relied on any more.</summary>
    public bool SpendOnPatterns(TimeSpan time)
    {
        _patternTime -= time;
        if (_patternTime <= TimeSpan.Zero)
        {
            Stop("cannot be checked: the schema's patterns take too long for this value");
        }

        return !_stopped;
    }

    // Whatever else is found, the value does not fit.
    private void Stop(string message)
    {
        if (!_stopped)
        {
            _faults.Add(new SchemaFault(Path(), message));
            _stopped = true;
        }
    }

    /// <summary>Tells a fault of the value, or of one of its properties; always false.</summary>
    public bool Fail(string message, string? property = null)
    {
        if (Continues)
        {
            _faults.Add(new SchemaFault(Path() + (property is null ? "" : Step(property)), message));
        }

        return false;
    }

    private bool Holds(SchemaNode schema, JsonElement value, (string? Name, int Index) step)
    {
        _path.Add(step);
        var holds = Holds(schema, value);
        _path.RemoveAt(_path.Count - 1);
        return holds;
    }

    private string Path()
    {
        var path = new StringBuilder("$");
        foreach (var (name, index) in _path)
        {
            path.Append(name is null ? string.Create(CultureInfo.InvariantCulture, $"[{index}]") : Step(name));
        }

        return path.ToString();
    }

    private static string Step(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? "." + Shown.Short(name) : $"['{Shown.Short(name)}']";
}
