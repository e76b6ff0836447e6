using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads the chunks of one stream, and knows whether it was complete.</summary>
/// <param name="errors">The provider's failures.</param>
/// <param name="withholdUsage">Whether the chunk that only carries usage is there for the gateway alone.</param>
internal sealed class OpenAIStreamReader(OpenAIErrors errors, bool withholdUsage) : IChatStreamReader
{
    // Far above what the protocol allows; a provider must not make us search long lists or fill the memory.
    private const int MostChoices = 128;
    private const int MostCalls = 128;
    private const int LongestArguments = 8 * 1024 * 1024;

    private readonly List<Choice> _choices = [];

    /// <inheritdoc/>
    public bool Ended { get; private set; }

    /// <inheritdoc/>
    public ChatResponseUpdate? Read(StreamEvent received)
    {
        if (received.Data.Span.SequenceEqual("[DONE]"u8))
        {
            Ended = true;
            return null;
        }

        return received.Data.IsEmpty ? null : ReadChunk(received);
    }

    /// <inheritdoc/>
    // Complete is a stream that said [DONE] and in which every choice that began also said why it ended.
    public ChatResponseUpdate? End() =>
        Ended && _choices.Count > 0 && _choices.TrueForAll(choice => choice.Finished) ? null : throw errors.Interrupted();

    // The typed form of a chunk, with the provider's bytes beside it.
    private ChatResponseUpdate ReadChunk(StreamEvent chunk)
    {
        var json = chunk.Data;
        using var document = errors.Parse(json);
        var root = document.RootElement;
        if (chunk.Type == "error")
        {
            throw errors.Malformed("an error event in its stream");
        }

        var id = WireJson.Text(root, "id");
        var update = new ChatResponseUpdate
        {
            ResponseId = id,
            MessageId = id,
            ModelId = WireJson.Text(root, "model"),
            CreatedAt = OpenAIResponseReader.CreatedAt(root),
            AdditionalProperties = OpenAIResponseReader.Tier(root),
        };
        var contents = new List<AIContent>(1);
        var choices = WireJson.Member(root, "choices");
        var hasChoices = false;
        if (choices is { ValueKind: JsonValueKind.Array } list)
        {
            if (list.GetArrayLength() > MostChoices)
            {
                throw errors.Malformed($"more than {MostChoices} choices");
            }

            foreach (var choice in list.EnumerateArray())
            {
                hasChoices = true;
                ReadChoice(choice, update, contents);
            }
        }

        var usage = OpenAIUsage.Read(root);
        if (usage is not null)
        {
            contents.Add(new UsageContent(usage));
        }

        update.Contents = contents;
        update.RawRepresentation = OpenAIResponseReader.Payload(json, root, withheld: withholdUsage && usage is not null && !hasChoices);
        return update;
    }

    private void ReadChoice(JsonElement element, ChatResponseUpdate update, List<AIContent> contents)
    {
        var index = WireJson.Member(element, "index") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var given) ? given : 0;
        OpenAIResponseReader.ThrowIfFailed(errors, element);
        if (index is < 0 or >= MostChoices)
        {
            throw errors.Malformed($"a choice of index {index}");
        }

        var choice = _choices.Find(known => known.Index == index);
        if (choice is null)
        {
            choice = new Choice(index);
            _choices.Add(choice);
        }

        if (WireJson.Member(element, "delta") is { } delta)
        {
            if (WireJson.Text(delta, "role") is { } role)
            {
                update.Role = new ChatRole(role);
            }

            OpenAIResponseReader.AddText(contents, delta);
            ReadToolCalls(delta, choice, contents);
        }

        if (OpenAIResponseReader.FinishReason(element) is { } reason)
        {
            choice.Finished = true;
            foreach (var call in choice.Calls)
            {
                contents.Add(OpenAIContent.ReadToolCall(call.Id, call.Name, call.Arguments.ToString()));
            }

            choice.Calls.Clear();
            if (index == 0 || update.FinishReason is null)
            {
                update.FinishReason = reason;
            }
        }

        if (index > 0)
        {
            // Keeps further choices apart from the first when updates are put together.
            update.MessageId = $"{update.ResponseId}-{index}";
        }
    }

    private void ReadToolCalls(JsonElement delta, Choice choice, List<AIContent> contents)
    {
        if (WireJson.Member(delta, "tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray())
            {
                var position = WireJson.Member(call, "index") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var given) ? given : choice.Calls.Count;
                Append(choice, contents, position, WireJson.Text(call, "id"), WireJson.Member(call, "function") ?? WireJson.Member(call, "custom"));
            }
        }

        if (WireJson.Member(delta, "function_call") is { } legacy)
        {
            Append(choice, contents, 0, null, legacy);
        }
    }

    private void Append(Choice choice, List<AIContent> contents, int position, string? id, JsonElement? function)
    {
        var call = choice.Calls.Find(known => known.Position == position);
        if (call is null)
        {
            if (choice.Calls.Count == MostCalls)
            {
                throw errors.Malformed($"more than {MostCalls} tool calls");
            }

            call = new Call(position);
            choice.Calls.Add(call);
        }

        var name = WireJson.Text(function, "name");
        var arguments = WireJson.Text(function, "arguments") ?? WireJson.Text(function, "input") ?? "";
        call.Id ??= id;
        call.Name += name;
        call.Arguments.Append(arguments);
        if (call.Arguments.Length > LongestArguments)
        {
            throw errors.Malformed($"tool arguments of more than {LongestArguments} characters");
        }

        contents.Add(new ToolCallDelta { Index = position, CallId = id, Name = name, Arguments = arguments });
    }

    private sealed class Choice(int index)
    {
        public int Index { get; } = index;

        public bool Finished { get; set; }

        public List<Call> Calls { get; } = [];
    }

    private sealed class Call(int position)
    {
        public int Position { get; } = position;

        public string? Id { get; set; }

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
