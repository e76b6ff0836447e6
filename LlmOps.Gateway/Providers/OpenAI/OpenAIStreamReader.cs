using System.Text;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads the chunks of one stream, and knows whether it was complete.</summary>
/// <param name="errors">The provider's failures.</param>
/// <param name="withholdUsage">Whether the chunk that only carries usage is there for the gateway alone.</param>
internal sealed class OpenAIStreamReader(OpenAIErrors errors, bool withholdUsage) : IChatStreamReader
{
    // Far above what the protocol allows; a provider must not make us search long lists or fill the memory.
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
    private ChatResponseUpdate ReadChunk(StreamEvent received)
    {
        var chunk = OpenAIAnswer.Read(errors, received.Data, ofStream: true);
        if (received.Type == "error")
        {
            throw errors.Malformed("an error event in its stream");
        }

        var update = new ChatResponseUpdate
        {
            ResponseId = chunk.Id,
            MessageId = chunk.Id,
            ModelId = chunk.Model,
            CreatedAt = chunk.CreatedAt,
            AdditionalProperties = chunk.Properties(),
            RawRepresentation = chunk.Payload(withheld: withholdUsage && chunk is { Usage: not null, Choices: not { Count: > 0 } }),
        };
        var contents = new List<AIContent>(1);
        if (chunk.Choices is { } choices)
        {
            foreach (var choice in choices)
            {
                ReadChoice(choice, update, contents);
            }
        }

        if (chunk.Usage is not null)
        {
            contents.Add(new UsageContent(chunk.Usage));
        }

        update.Contents = contents;
        return update;
    }

    private void ReadChoice(OpenAIChoice received, ChatResponseUpdate update, List<AIContent> contents)
    {
        var index = received.Index;
        received.ThrowIfFailed(errors);
        if (index is < 0 or >= OpenAIAnswer.MostChoices)
        {
            throw errors.Malformed($"a choice of index {index}");
        }

        var choice = Known(index);
        if (received.Role is { } role)
        {
            update.Role = new ChatRole(role);
        }

        received.AddText(contents);
        ReadToolCalls(received, choice, contents);
        if (received.FinishReason is { } reason)
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

    private Choice Known(int index)
    {
        foreach (var choice in _choices)
        {
            if (choice.Index == index)
            {
                return choice;
            }
        }

        var added = new Choice(index);
        _choices.Add(added);
        return added;
    }

    private void ReadToolCalls(OpenAIChoice received, Choice choice, List<AIContent> contents)
    {
        if (received.ToolCalls is { } calls)
        {
            foreach (var call in calls)
            {
                Append(choice, contents, call.Index ?? choice.Calls.Count, call);
            }
        }

        if (received.FunctionCall is { } legacy)
        {
            Append(choice, contents, 0, legacy);
        }
    }

    private void Append(Choice choice, List<AIContent> contents, int position, OpenAIToolCall received)
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

        call.Id ??= received.Id;
        call.Name += received.Name;
        call.Arguments.Append(received.Arguments);
        if (call.Arguments.Length > LongestArguments)
        {
            throw errors.Malformed($"tool arguments of more than {LongestArguments} characters");
        }

        contents.Add(new ToolCallDelta { Index = position, CallId = received.Id, Name = received.Name, Arguments = received.Arguments });
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
