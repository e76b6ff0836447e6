using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Reads the object of an unstreamed answer, or the lines of a stream: the last one says done.</summary>
internal sealed class OllamaReader(ProviderErrors errors) : IChatStreamReader
{
    private readonly string _id = ProviderAnswer.NewId();
    private string? _model;
    private DateTimeOffset? _createdAt;
    private string? _doneReason;
    private UsageDetails? _usage;
    private bool _begun;
    private bool _hasContent;
    private bool _hasCalls;

    /// <inheritdoc/>
    public bool Ended { get; private set; }

    /// <inheritdoc/>
    public ChatResponseUpdate? Read(StreamEvent received)
    {
        using var document = errors.Parse(received.Data);
        return Read(document.RootElement);
    }

    /// <summary>The typed form of one object.</summary>
    public ChatResponseUpdate? Read(JsonElement root)
    {
        _model ??= WireJson.Text(root, "model");
        _createdAt ??= DateTimeOffset.TryParse(WireJson.Text(root, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null;
        var message = WireJson.Member(root, "message");
        var contents = new List<AIContent>();
        if (WireJson.Text(message, "thinking") is { Length: > 0 } thought)
        {
            contents.Add(new TextReasoningContent(thought));
        }

        if (WireJson.Text(message, "content") is { Length: > 0 } text)
        {
            contents.Add(new TextContent(text));
        }

        foreach (var call in WireJson.Items(message, "tool_calls"))
        {
            _hasCalls = true;
            var function = WireJson.Member(call, "function");
            var id = WireJson.Text(call, "id") is { Length: > 0 } given ? given : ToolCallIds.New();
            contents.Add(OpenAIContent.ReadToolCall(id, WireJson.Text(function, "name") ?? "", WireJson.Arguments(function, "arguments")));
        }

        if (WireJson.Items(root, "logprobs").Select(Token).ToList() is { Count: > 0 } tokens)
        {
            contents.Add(new LogprobsContent(tokens));
        }

        if (WireJson.Member(root, "done") is { ValueKind: JsonValueKind.True })
        {
            Ended = true;
            _doneReason = WireJson.Text(root, "done_reason") is { Length: > 0 } reason ? reason : "stop";
            ReadUsage(root);
        }

        _hasContent |= contents.Count > 0;
        return contents.Count == 0 ? null : Update(contents);
    }

    /// <inheritdoc/>
    public ChatResponseUpdate? End()
    {
        if (!Ended)
        {
            throw errors.Interrupted();
        }

        if (_doneReason is not ("stop" or "length") && !_hasContent)
        {
            // The model was loaded or unloaded, and nothing said.
            throw errors.Failed(_doneReason!);
        }

        var last = Update(_usage is null ? [] : [new UsageContent(_usage)]);
        last.FinishReason = _doneReason switch
        {
            // A tool call ends with stop like any other answer.
            "stop" => _hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
            "length" => ChatFinishReason.Length,
            _ => new ChatFinishReason("other"),
        };
        last.AdditionalProperties = new() { [MessageProperties.NativeFinishReason] = _doneReason };
        return last;
    }

    private ChatResponseUpdate Update(IList<AIContent> contents)
    {
        var update = new ChatResponseUpdate(_begun ? null : ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model, CreatedAt = _createdAt };
        _begun = true;
        return update;
    }

    // A count of 0 is absent. An absent count of the prompt is not known, for a prompt is never empty: old servers left it
    // out when the prompt was in their cache.
    private void ReadUsage(JsonElement root)
    {
        var (input, output) = (WireJson.Count(root, "prompt_eval_count"), WireJson.Count(root, "eval_count"));
        _usage = input is null && output is null ? null : new UsageDetails { InputTokenCount = input, OutputTokenCount = output ?? 0 };
    }

    private static TokenLogprob Token(JsonElement token) =>
        new(WireJson.Text(token, "token") ?? "", WireJson.Number(token, "logprob") ?? 0, [.. WireJson.Items(token, "top_logprobs").Select(Token)]);
}
