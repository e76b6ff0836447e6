using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// A chat that grows while it is answered. Its typed messages and, where the caller's protocol is a provider's, the caller's
/// bytes grow in step, so that each target is asked the same and unknown fields survive.
/// </summary>
internal sealed class Conversation
{
    private static readonly ChatMessage[] Nothing = [];

    /// <param name="messages">What the caller asks.</param>
    /// <param name="options">With what.</param>
    /// <param name="tools">The tools that its model is offered beside the caller's own.</param>
    public Conversation(IEnumerable<ChatMessage> messages, GatewayChatOptions options, IReadOnlyList<ServerTool> tools)
    {
        Messages = [.. messages];
        Options = (GatewayChatOptions)options.Clone();
        if (tools.Count > 0)
        {
            Options.Tools = [.. options.Tools ?? [], .. tools];
            Ask(options.Original?.Append("tools", ItemsOf(json => WriteTools(json, tools))));
        }
    }

    /// <summary>The messages.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; private set; }

    /// <summary>The options of the next call to a provider.</summary>
    public GatewayChatOptions Options { get; private set; }

    /// <summary>Whether a model's message can be asked of a model again.</summary>
    /// <param name="message">The message, in OpenAI's form.</param>
    public static bool CanRead(JsonObject message)
    {
        try
        {
            return Read([message]).Count == 1;
        }
        catch (GatewayException)
        {
            return false;
        }
    }

    /// <summary>Adds messages; a result follows the message that calls for it.</summary>
    /// <param name="messages">The messages, in OpenAI's form.</param>
    public void Add(IReadOnlyList<JsonObject> messages)
    {
        var items = ItemsOf(json =>
        {
            foreach (var message in messages)
            {
                message.WriteTo(json);
            }
        });
        Messages = [.. Messages, .. Read(messages)];
        Options = (GatewayChatOptions)Options.Clone();
        Ask(Options.Original?.Append("messages", items));
        Options.Request.Grow(items.Length);
    }

    /// <summary>Puts a result in the place of a message's content.</summary>
    /// <param name="index">The message's place.</param>
    /// <param name="callId">The call that it is the result of.</param>
    /// <param name="result">The result.</param>
    public void Answer(int index, string callId, string result)
    {
        var messages = Messages.ToList();
        messages[index] = new ChatMessage(ChatRole.Tool, [new FunctionResultContent(callId, result)]);
        Messages = messages;
        Options = (GatewayChatOptions)Options.Clone();
        var json = JsonSerializer.SerializeToUtf8Bytes(result, StringContext.Default.String);
        Ask(Options.Original is { } original ? original.Replace(original.Body.Root.GetProperty("messages"u8)[index].GetProperty("content"u8), json) : null);
        Options.Request.Grow(json.Length);
    }

    /// <summary>A call that the caller demands has been made: from now on the model may choose.</summary>
    public void LeaveChoice()
    {
        if (Options.ToolMode is RequiredChatToolMode)
        {
            Choose(ChatToolMode.Auto, "auto");
        }
    }

    /// <summary>From now on no tool may be called.</summary>
    public void ForbidCalls() => Choose(ChatToolMode.None, "none");

    private void Choose(ChatToolMode mode, string word)
    {
        Options = (GatewayChatOptions)Options.Clone();
        Options.ToolMode = mode;
        Ask(Options.Original?.With("tool_choice", $"\"{word}\""));
    }

    // What the translations read beside the typed form is the same bytes.
    private void Ask(OriginalRequest? original)
    {
        if (original is not null)
        {
            Options.Original = Options.Request.Asked = original;
        }
    }

    private static IReadOnlyList<ChatMessage> Read(IReadOnlyList<JsonObject> messages)
    {
        if (messages.Count == 0)
        {
            return Nothing;
        }

        var body = JsonBody.Parse(JsonTexts.ToUtf8(new JsonObject { ["messages"] = new JsonArray([.. messages.Select(message => message.DeepClone())]) }));
        return ChatMessageParser.Parse(body, body.Root.GetProperty("messages"u8));
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ServerTool> tools)
    {
        foreach (var tool in tools)
        {
            OpenAIContent.WriteTool(json, tool);
        }
    }

    // JSON of a list, without its brackets.
    private static ReadOnlyMemory<byte> ItemsOf(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteStartArray();
            write(json);
            json.WriteEndArray();
        }

        return output.WrittenMemory[1..^1];
    }
}
