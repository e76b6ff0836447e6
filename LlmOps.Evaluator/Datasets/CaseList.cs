using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Evaluator.Datasets;

/// <summary>The cases of a file that is being read, each with an id of its own.</summary>
/// <param name="faults">Where faults go.</param>
internal sealed class CaseList(FaultList faults)
{
    private readonly List<EvaluationCase> _cases = [];
    private readonly Dictionary<string, int> _lines = [];

    /// <summary>The cases, in their order.</summary>
    public IReadOnlyList<EvaluationCase> Cases => _cases;

    /// <summary>Adds the case that an object says.</summary>
    /// <param name="body">What the object is in.</param>
    /// <param name="item">The object.</param>
    /// <param name="lineOf">The line of a field.</param>
    public void Add(JsonBody body, JsonElement item, Func<string?, int> lineOf)
    {
        var read = new CaseReader(body, faults, lineOf).Read(item);
        if (read.Id.Length > 0 && !_lines.TryAdd(read.Id, read.Line))
        {
            faults.Add(read.Line, string.Create(CultureInfo.InvariantCulture, $"id: {read.Id} is the id of the case in line {_lines[read.Id]} too; expected another one for each case."));
        }

        _cases.Add(read);
    }
}
