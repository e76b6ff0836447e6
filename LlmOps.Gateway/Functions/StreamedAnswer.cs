using System.Text.Json.Nodes;
using LlmOps.Gateway.Caching.Completions;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.OpenAI;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// The stream of an answer of several rounds, as one. Text goes on as it comes; what is said of calls, the end and the usage of
/// a round is held back until it is known whether the round is the last. The first round's chunks go on unaltered.
/// </summary>
internal sealed class StreamedAnswer(string model)
{
    private readonly OpenAIStreamReader _chunks = CompletionReader.Chunks();
    private readonly HashSet<string> _said = [];
    private bool _hasBegun;

    // The first update of all, whose id and time are the answer's.
    private ChatResponseUpdate? _first;

    // Of the round that is on its way.
    private readonly List<ChatResponseUpdate> _held = [];
    private StreamedRound _round = new(model);
    private HashSet<string> _saidInRound = [];
    private IReadOnlyList<ModelAnswer> _before = [];
    private bool _hasText;

    // Of the update that is being passed on.
    private bool _separatesText;
    private bool _separatesThought;
    private bool _holds;

    /// <summary>Begins a round.</summary>
    /// <param name="before">The answers of those before.</param>
    public void Begin(IReadOnlyList<ModelAnswer> before)
    {
        _held.Clear();
        (_round, _saidInRound, _before, _hasText, _holds) = (new StreamedRound(model), [], before, false, false);
    }

    /// <summary>Takes in an update.</summary>
    /// <returns>What goes on now.</returns>
    public IEnumerable<ChatResponseUpdate> Take(ChatResponseUpdate update)
    {
        _first ??= update;
        _round.Add(update);
        _holds |= update.FinishReason is not null || update.Contents.Any(content => content is ToolCallDelta or FunctionCallContent);
        _hasText |= !_holds && update.Commits();
        _held.Add(update);
        if (_holds || !_hasText)
        {
            return [];
        }

        var passed = _held.Select(held => Passed(held)).OfType<ChatResponseUpdate>().ToList();
        _held.Clear();
        return passed;
    }

    /// <summary>The round's answer, which is whole.</summary>
    public ModelAnswer Answer() => _round.Answer();

    /// <summary>What is still to go on at the end of the round.</summary>
    /// <param name="outgoing">How it goes out; null where the model is asked again.</param>
    public IEnumerable<ChatResponseUpdate> End(OutgoingAnswer? outgoing)
    {
        var hasCalls = false;
        foreach (var update in _held)
        {
            if (outgoing?.Calls is { Count: > 0 } && update.FinishReason is not null && !hasCalls)
            {
                hasCalls = true;
                yield return CallsOf(update, outgoing);
            }

            if (Passed(update, isLast: outgoing is not null, outgoing) is { } passed)
            {
                yield return passed;
            }
        }
    }

    // An update as it goes on before the end of its round; null where nothing is left of it.
    private ChatResponseUpdate? Passed(ChatResponseUpdate update) => Passed(update, isLast: false, outgoing: null);

    private ChatResponseUpdate? Passed(ChatResponseUpdate update, bool isLast, OutgoingAnswer? outgoing)
    {
        (_separatesText, _separatesThought) = (update.Contents.Any(content => content is TextContent { Text.Length: > 0 }) && Separates("content"), update.Contents.Any(content => content is TextReasoningContent { Text.Length: > 0 }) && Separates("reasoning"));
        var passed = update.RawRepresentation is OpenAIPayload payload
            ? _before.Count == 0 && (!_holds || outgoing is { IsUnaltered: true }) ? update : PassedRaw(update, payload, isLast, outgoing)
            : PassedTyped(update, isLast, outgoing);
        _hasBegun |= passed is not null;
        return passed;
    }

    private ChatResponseUpdate? PassedTyped(ChatResponseUpdate update, bool isLast, OutgoingAnswer? outgoing)
    {
        List<AIContent> contents = [];
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case UsageContent usage when outgoing?.UsageWith(usage.Details) is { } sum && update.FinishReason is not null:
                    contents.Add(new UsageContent(sum));
                    break;
                case UsageContent:
                case ToolCallDelta or FunctionCallContent when outgoing?.Calls is not null || !isLast:
                case MessageExtension when !isLast:
                    break;
                case TextContent { Text.Length: > 0 } text when Once(ref _separatesText):
                    contents.Add(new TextContent(OutgoingAnswer.Separator + text.Text) { Annotations = text.Annotations, AdditionalProperties = text.AdditionalProperties });
                    break;
                case TextReasoningContent { Text.Length: > 0 } thought when Once(ref _separatesThought):
                    contents.Add(new TextReasoningContent(OutgoingAnswer.Separator + thought.Text));
                    break;
                default:
                    contents.Add(content);
                    break;
            }
        }

        var finish = !isLast ? null : outgoing?.Calls is { Count: > 0 } && update.FinishReason is not null ? ChatFinishReason.ToolCalls : update.FinishReason;
        if (contents.Count == 0 && finish is null && (_hasBegun || _holds || update.Role is null))
        {
            return null;
        }

        var passed = Answering(update);
        (passed.Contents, passed.FinishReason) = (contents, finish);
        return passed;
    }

    private ChatResponseUpdate? PassedRaw(ChatResponseUpdate update, OpenAIPayload payload, bool isLast, OutgoingAnswer? outgoing)
    {
        var root = Parsed(payload);
        var isWorth = AlterUsage(root, isLast ? outgoing : null);
        foreach (var choice in (root["choices"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var delta = choice["delta"] as JsonObject ?? [];
            delta.Remove("role");
            if (outgoing?.Calls is not null || !isLast)
            {
                delta.Remove("tool_calls");
            }

            Separate(delta, "content", _separatesText);
            Separate(delta, "reasoning_content", _separatesThought);
            Separate(delta, "reasoning", _separatesThought);

            if (!isLast)
            {
                choice["finish_reason"] = null;
            }
            else if (choice["finish_reason"] is not null && outgoing?.Calls is { Count: > 0 })
            {
                choice["finish_reason"] = "tool_calls";
            }

            isWorth |= choice["finish_reason"] is not null || delta.Any(member => member.Value is not (null or JsonArray { Count: 0 }) && !(member.Value is JsonValue text && text.TryGetValue<string>(out var said) && said.Length == 0));
            if (!_hasBegun && isWorth)
            {
                delta.Insert(0, "role", "assistant");
            }
        }

        return isWorth ? Read(root, payload.Withheld) : null;
    }

    // The calls that the caller gets, each whole, in a chunk of their own before the one that says why the answer ends.
    private ChatResponseUpdate CallsOf(ChatResponseUpdate last, OutgoingAnswer outgoing)
    {
        ChatResponseUpdate calls;
        if (last.RawRepresentation is OpenAIPayload payload)
        {
            var root = Parsed(payload);
            root.Remove("usage");
            root.Remove("x_groq");
            JsonObject delta = new() { ["tool_calls"] = new JsonArray([.. outgoing.Calls!.Select((call, index) => Placed(call, index))]) };
            if (!_hasBegun)
            {
                delta.Insert(0, "role", "assistant");
            }

            root["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = null });
            calls = Read(root, withheld: false);
        }
        else
        {
            calls = Answering(last);
            (calls.Contents, calls.FinishReason) = ([.. outgoing.TypedCalls()], null);
        }

        _hasBegun = true;
        return calls;
    }

    private static JsonObject Placed(JsonObject call, int index)
    {
        var placed = (JsonObject)call.DeepClone();
        placed.Remove("index");
        placed.Insert(0, "index", index);
        return placed;
    }

    // Whether there is any.
    private static bool AlterUsage(JsonObject root, OutgoingAnswer? outgoing)
    {
        if (root["usage"] is not JsonObject usage)
        {
            return false;
        }

        root["usage"] = outgoing?.UsageWith(usage);
        return root["usage"] is not null;
    }

    private static void Separate(JsonObject delta, string field, bool separates)
    {
        if (separates)
        {
            JsonTexts.Rewrite(delta, field, text => text.Length > 0 ? OutgoingAnswer.Separator + text : text);
        }
    }

    private static bool Once(ref bool separates)
    {
        var was = separates;
        separates = false;
        return was;
    }

    // A text of a later round begins on a line of its own.
    private bool Separates(string field)
    {
        if (!_saidInRound.Add(field))
        {
            return false;
        }

        return !_said.Add(field) && _before.Count > 0;
    }

    private JsonObject Parsed(OpenAIPayload payload)
    {
        var root = (JsonObject)JsonNode.Parse(WireJson.WholePairs(payload.Json).Span)!;
        if (_before.Count > 0)
        {
            OutgoingAnswer.Name(root, _first!.ResponseId, _first.CreatedAt);
        }

        return root;
    }

    private ChatResponseUpdate Read(JsonObject root, bool withheld)
    {
        var update = _chunks.Read(new StreamEvent(null, JsonTexts.ToUtf8(root)))!;
        if (withheld)
        {
            update.RawRepresentation = (OpenAIPayload)update.RawRepresentation! with { Withheld = true };
        }

        return update;
    }

    // One answer, whichever round an update is of.
    private ChatResponseUpdate Answering(ChatResponseUpdate update)
    {
        var passed = update.Clone();
        (passed.ResponseId, passed.MessageId, passed.CreatedAt) = (_first!.ResponseId, _first.ResponseId, _first.CreatedAt);
        passed.Role = _hasBegun ? null : update.Role ?? ChatRole.Assistant;
        passed.RawRepresentation = null;
        return passed;
    }
}
