using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>
/// Puts back in a conversation what was kept of its answers: the message that calls tools becomes the one that the model wrote,
/// with the rounds before it and the results of the gateway's calls, and the caller's results go to the ids that the model knows.
/// </summary>
internal sealed class KeptRequests(KeptAnswers answers)
{
    private const string KnownId = "the id of a tool call that was sent to this caller by this gateway, and not longer ago than it is kept (Gateway:Functions:KeptTimeToLive)";
    private const string Decision = """{"approved": true} or {"approved": false}""";

    /// <summary>The request with what was kept of its conversation; the same where nothing was.</summary>
    /// <param name="request">The request.</param>
    /// <param name="facts">Its facts, which are told.</param>
    /// <exception cref="GatewayException">400: something in it has an id that is not known, or a call still waits for its caller's decision; 413: with what was kept it is too large; 503: what was kept cannot be known now.</exception>
    public ValueTask<ChatCallRequest> PutBackAsync(ChatCallRequest request, GatewayRequest facts) =>
        request.Options.Original is { Protocol: WireProtocol.OpenAIChat, Body.HasDocument: true } original && original.Body.Bytes.Span.IndexOf("call_llmops_"u8) >= 0
            ? PutBackAsync(request, original, facts)
            : ValueTask.FromResult(request);

    private async ValueTask<ChatCallRequest> PutBackAsync(ChatCallRequest request, OriginalRequest original, GatewayRequest facts)
    {
        var written = new WrittenMessages(original.Body, facts.Configuration.Options.Endpoints.MaxBodyBytes);
        foreach (var message in original.Body.Root.GetProperty("messages"u8).EnumerateArray())
        {
            if (written.AnswerOf(message) is { } id)
            {
                written.Open(message, id, await answers.FindAsync(id, facts));
            }
            else
            {
                written.Add(message);
            }
        }

        written.EndAnswer();
        if (written.IsSame)
        {
            return request;
        }

        var body = JsonBody.Parse(original.With("messages", written.ToJson()).Body.Bytes);
        facts.Kept = new KeptConversation([.. written.Decisions]);
        facts.Asked = request.Options.Original = original with { Body = body };
        return request with { Messages = ChatMessageParser.Parse(body, body.Root.GetProperty("messages"u8)) };
    }

    /// <summary>The messages as they are written anew.</summary>
    private sealed class WrittenMessages(JsonBody body, long mostBytes)
    {
        private readonly List<string> _messages = [];
        private readonly Dictionary<string, KeptAnswer> _known = new(StringComparer.Ordinal);

        // Of the whole body as it would be sent.
        private long _bytes = body.Bytes.Length - body.RangeOf(body.Root.GetProperty("messages"u8)).Length;

        // The answer whose calls are being answered, and those of them that wait.
        private JsonElement _open;
        private readonly List<string> _waiting = [];

        private readonly List<KeptDecision> _decisions = [];

        // Decisions before the last message of the model.
        private int _past;

        /// <summary>What the caller has decided.</summary>
        public IEnumerable<KeptDecision> Decisions => _decisions.Select((decision, place) => place < _past ? decision with { IsPast = true } : decision);

        /// <summary>Whether nothing was put back.</summary>
        public bool IsSame => _known.Count == 0;

        /// <summary>The kept answer that a message is the caller's part of; null where it is none.</summary>
        public string? AnswerOf(JsonElement message)
        {
            if (!WireJson.Items(message, "tool_calls").Any(call => KeptCallId.TryParse(WireJson.Text(call, "id"), out _)))
            {
                return null;
            }

            string? answer = null;
            foreach (var call in WireJson.Items(message, "tool_calls"))
            {
                // With a call of another answer it would be a message that no model wrote.
                answer = KeptCallId.TryParse(WireJson.Text(call, "id"), out var id) && id.Answer == (answer ?? id.Answer)
                    ? id.Answer
                    : throw body.Invalid(call.GetProperty("id"u8), "the ids of one answer in one message, as they were sent");
            }

            return answer;
        }

        /// <summary>Adds the answer in the place of the message.</summary>
        public void Open(JsonElement message, string id, KeptAnswer? answer)
        {
            EndAnswer();
            _past = _decisions.Count;
            if (answer is null)
            {
                throw body.Invalid(IdsOf(id).First(), KnownId);
            }

            if (!_known.TryAdd(id, answer))
            {
                // A short body must not become a long one.
                throw body.Invalid(message.GetProperty("tool_calls"u8), "an answer that is not in the conversation already");
            }

            _open = message;
            foreach (var kept in answer.Messages)
            {
                Append(kept);
            }

            _waiting.AddRange(answer.Calls.Select((call, number) => (call, number)).Where(call => call.call.NeedsApproval).Select(call => new KeptCallId(id, call.number).ToString()));
        }

        /// <summary>Adds a message that is no such answer.</summary>
        public void Add(JsonElement message)
        {
            var role = WireJson.Text(message, "role");
            var isResult = role == "tool";
            if (!isResult)
            {
                EndAnswer();
            }

            if (role == "assistant")
            {
                _past = _decisions.Count;
            }

            if (!isResult || !KeptCallId.TryParse(WireJson.Text(message, "tool_call_id"), out var id))
            {
                Append(message.GetRawText());
                return;
            }

            if (!_known.TryGetValue(id.Answer, out var answer) || id.Number >= answer.Calls.Count)
            {
                throw body.Invalid(message.GetProperty("tool_call_id"u8), KnownId);
            }

            var (call, result) = (answer.Calls[id.Number], JsonObject.Create(message)!);
            result["tool_call_id"] = call.Id;
            if (call.NeedsApproval)
            {
                _waiting.Remove(id.ToString());
                _decisions.Add(new KeptDecision(_messages.Count, id, call, IsApproved(message)) { IsHereAlone = answer.IsHereAlone });
            }

            Append(Encoding.UTF8.GetString(JsonTexts.ToUtf8(result)));
        }

        /// <summary>The answer's calls are all answered.</summary>
        public void EndAnswer()
        {
            if (_waiting.Count > 0)
            {
                throw new GatewayException(
                    ErrorCode.InvalidValue, $"{body.PathOf(_open)}.tool_calls has {_waiting[0]}, which waits for approval; expected a message of role tool with that tool_call_id and the content {Decision}.", $"{body.PathOf(_open)}.tool_calls");
            }
        }

        /// <summary>All of them, as a JSON list.</summary>
        public string ToJson() => $"[{string.Join(',', _messages)}]";

        private void Append(string message)
        {
            // A short body may name much.
            if ((_bytes += Encoding.UTF8.GetByteCount(message) + 1) > mostBytes)
            {
                throw new GatewayException(
                    ErrorCode.RequestTooLarge, $"With what was kept of its conversation the body is larger than the {mostBytes} bytes that this gateway accepts (Gateway:Endpoints:MaxBodyBytes).");
            }

            _messages.Add(message);
        }

        // Where the caller names an answer: the results first, for they are what it came with.
        private IEnumerable<JsonElement> IdsOf(string answer)
        {
            var messages = body.Root.GetProperty("messages"u8).EnumerateArray();
            return messages.Select(message => WireJson.Member(message, "tool_call_id"))
                .Concat(messages.SelectMany(message => WireJson.Items(message, "tool_calls")).Select(call => WireJson.Member(call, "id")))
                .OfType<JsonElement>()
                .Where(id => id.ValueKind == JsonValueKind.String && KeptCallId.TryParse(WireJson.Text(id), out var known) && known.Answer == answer);
        }

        private bool IsApproved(JsonElement message)
        {
            var content = message.GetProperty("content"u8);
            var text = content.ValueKind == JsonValueKind.String ? WireJson.Text(content) : string.Concat(WireJson.Items(content).Select(part => WireJson.Text(part, "text")));
            try
            {
                return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } decision && decision.TryGetProperty("approved"u8, out var approved) && approved.ValueKind is JsonValueKind.True or JsonValueKind.False
                    ? approved.ValueKind == JsonValueKind.True
                    : throw body.Invalid(content, Decision);
            }
            catch (JsonException)
            {
                throw body.Invalid(content, Decision);
            }
        }
    }
}
