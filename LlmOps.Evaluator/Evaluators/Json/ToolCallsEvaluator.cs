using System.Globalization;
using System.Text.Json;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Whether an answer calls the expected functions with the expected arguments.</summary>
internal sealed class ToolCallsEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly bool _isOrdered = settings.Flag("order");
    private readonly bool _allowsMore = settings.Flag("allow_more");
    private readonly string _arguments = settings.Choice("arguments", "equal", "subset", "ignore");

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (Expected(answer) is not { } expected)
        {
            return null;
        }

        List<Call> calls = [];
        foreach (var call in answer.Answer.ToolCalls)
        {
            try
            {
                // Some models write nothing where a function takes nothing.
                calls.Add(new Call(call.Name, JsonElement.Parse(string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments)));
            }
            catch (JsonException)
            {
                return Score.Of(false, $"the arguments of {call.Name} are no JSON: {Quoted.Short(call.Arguments)}");
            }
        }

        if (calls.Count > expected.Count && !_allowsMore)
        {
            return Score.Of(false, string.Create(CultureInfo.InvariantCulture, $"it calls {calls.Count} functions, expected {expected.Count}"));
        }

        var missing = _isOrdered ? FirstOutOfOrder(expected, calls) : FirstWithoutCall(expected, calls);
        return missing is null ? Score.Of(true) : Score.Of(false, $"it does not call {missing}{(_isOrdered ? " in its place" : "")}; it calls {(calls.Count == 0 ? "nothing" : string.Join(", ", calls))}");
    }

    // A list of calls, or one call; null where something else, or nothing, is expected.
    private static List<Call>? Expected(ScoredAnswer answer) => ExpectedJson.Of(answer.Case) switch
    {
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(IsCall) => [.. list.EnumerateArray().Select(Call.Of)],
        { ValueKind: JsonValueKind.Object } one when IsCall(one) => [Call.Of(one)],
        _ => null,
    };

    private static bool IsCall(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("name"u8, out var name) && name.ValueKind == JsonValueKind.String;

    private Call? FirstOutOfOrder(List<Call> expected, List<Call> calls)
    {
        var next = 0;
        foreach (var wanted in expected)
        {
            while (next < calls.Count && !Fits(calls[next], wanted))
            {
                next++;
            }

            if (next++ >= calls.Count)
            {
                return wanted;
            }
        }

        return null;
    }

    // With parts of arguments one call may fit several expected ones: each needs one of its own (Kuhn's matching).
    private Call? FirstWithoutCall(List<Call> expected, List<Call> calls)
    {
        var takenBy = Enumerable.Repeat(-1, calls.Count).ToArray();
        return expected.Where((_, index) => !Take(index, new bool[calls.Count])).FirstOrDefault();

        bool Take(int wanted, bool[] isTried)
        {
            for (var call = 0; call < calls.Count; call++)
            {
                if (!isTried[call] && Fits(calls[call], expected[wanted]))
                {
                    isTried[call] = true;
                    if (takenBy[call] < 0 || Take(takenBy[call], isTried))
                    {
                        takenBy[call] = wanted;
                        return true;
                    }
                }
            }

            return false;
        }
    }

    // Arguments that are not expected do not count where none are given.
    private bool Fits(Call call, Call wanted) => call.Name == wanted.Name && (wanted.Arguments is not { } arguments || _arguments switch
    {
        "equal" => JsonElement.DeepEquals(call.Arguments!.Value, arguments),
        "subset" => Has(call.Arguments!.Value, arguments),
        _ => true,
    });

    private static bool Has(JsonElement given, JsonElement part) => given.ValueKind == JsonValueKind.Object && part.ValueKind == JsonValueKind.Object
        ? part.EnumerateObject().All(member => given.TryGetProperty(member.Name, out var value) && Has(value, member.Value))
        : JsonElement.DeepEquals(given, part);

    private sealed record Call(string Name, JsonElement? Arguments)
    {
        // Arguments as text are as OpenAI's API has them.
        public static Call Of(JsonElement json) => new(json.GetProperty("name"u8).GetString()!, json.TryGetProperty("arguments"u8, out var arguments) ? Parsed(arguments) : null);

        public override string ToString() => $"{Name}({Quoted.Short(Arguments?.GetRawText() ?? "")})";

        private static JsonElement Parsed(JsonElement arguments)
        {
            try
            {
                return arguments.ValueKind == JsonValueKind.String ? JsonElement.Parse(arguments.GetString()!) : arguments;
            }
            catch (JsonException)
            {
                return arguments;
            }
        }
    }
}
