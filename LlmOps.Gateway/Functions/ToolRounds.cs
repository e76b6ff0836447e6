using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>
/// The rounds of one request: its model is asked, calls tools, and is asked again with their results, until it answers, calls
/// tools of the caller's, or has used up what one request may.
/// </summary>
internal sealed class ToolRounds
{
    private readonly GatewayRequest _request;
    private readonly ToolServices _services;
    private readonly PersonalTexts _texts;
    private readonly Conversation _conversation;
    private readonly CallersTools _callers;
    private readonly Dictionary<string, ServerTool> _offered;
    private readonly List<ModelAnswer> _before = [];

    // What the model said and was told in these rounds.
    private readonly List<JsonObject> _messages = [];
    private readonly HashSet<string> _ids;
    private bool _isLast;

    private ToolRounds(IEnumerable<ChatMessage> messages, GatewayChatOptions options, CallersTools callers, IReadOnlyList<ServerTool> offered, ToolServices services)
    {
        (_request, _services, _callers) = (options.Request, services, callers);
        _texts = new PersonalTexts(_request, services.Guardrails);
        _offered = offered.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        _conversation = new Conversation(messages, options, offered);
        _ids = _conversation.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => ToolCallIds.Plain(call.CallId)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What the model is to be asked now.</summary>
    public IReadOnlyList<ChatMessage> Messages => _conversation.Messages;

    /// <summary>With what.</summary>
    public GatewayChatOptions Options => _conversation.Options;

    /// <summary>The answers before the one that is to come.</summary>
    public IReadOnlyList<ModelAnswer> Before => _before;

    /// <summary>The rounds of a request; null where no tool of the gateway can take part in it.</summary>
    public static ToolRounds? Of(IEnumerable<ChatMessage> messages, GatewayChatOptions options, ToolServices services) =>
        options.Request is { Tools: null, Kept: null } ? null : Offer(messages, options, services);

    // Apart, so that what it captures is made for those that need it.
    private static ToolRounds? Offer(IEnumerable<ChatMessage> messages, GatewayChatOptions options, ToolServices services)
    {
        var callers = CallersTools.Of(options);
        var offered = callers.MayOffer ? (options.Request.Tools?.Tools ?? []).Where(tool => !callers.Has(tool.Name)).ToList() : [];
        return offered.Count > 0 || options.Request.Kept is { Decisions.Count: > 0 } ? new ToolRounds(messages, options, callers, offered, services) : null;
    }

    /// <summary>Makes the calls that the caller has approved.</summary>
    /// <exception cref="GatewayException">The request's time is over.</exception>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var decision in _request.Kept?.Decisions ?? [])
        {
            var result = await _services.Approved.DecideAsync(decision, _request, cancellationToken);
            _conversation.Answer(decision.Index, decision.Call.Id, _texts.ForModel(result.Text));
        }
    }

    /// <summary>Takes in what the model said.</summary>
    /// <returns>How it goes out; null where the model is to be asked again.</returns>
    /// <exception cref="GatewayException">The model went on calling tools that it may not call any more, or the request's time is over.</exception>
    public async ValueTask<OutgoingAnswer?> TakeAsync(ModelAnswer answer, CancellationToken cancellationToken)
    {
        var calls = answer.HasCalls ? Sorted(answer) : [];
        var own = calls.Where(call => !call.IsCallers).ToList();
        if (answer.IsCut)
        {
            // A call that may not be whole is not made. Nobody else could make it.
            own.ForEach(call => call.Json.Parent!.AsArray().Remove(call.Json));
            calls.RemoveAll(call => !call.IsCallers);
        }
        else if (_isLast && own.Count > 0)
        {
            throw new GatewayException(ErrorCode.FunctionLimit, $"The model called tools {_before.Count} times, and was asked to answer without them; it called '{Shown.Short(own[0].Call.Name)}' all the same.");
        }

        if (calls.Count == 0)
        {
            return new OutgoingAnswer(_before, own.Count > 0 ? [] : null);
        }

        if (own.Count == 0 && _before.Count == 0)
        {
            return new OutgoingAnswer(_before, calls: null);
        }

        var results = answer.IsCut ? [] : await RunAsync(own.Where(call => !call.NeedsApproval).ToList(), cancellationToken);
        _messages.Add(answer.Message);
        _messages.AddRange(results);
        if (calls.Exists(call => call.IsCallers || call.NeedsApproval))
        {
            return new OutgoingAnswer(_before, await KeepAsync(calls.Where(call => call.IsCallers || call.NeedsApproval).ToList()));
        }

        GoOn(answer, results);
        return null;
    }

    private List<SortedCall> Sorted(ModelAnswer answer)
    {
        List<SortedCall> calls = [];
        foreach (var json in answer.Calls)
        {
            var call = ModelAnswer.Read(json);
            if (!_ids.Add(ToolCallIds.Plain(call.Id)))
            {
                // Some servers count the calls of each answer anew, and providers refuse a conversation that has one twice.
                call = call with { Id = ToolCallIds.With(ToolCallIds.New(), ToolCallIds.Signature(call.Id)) };
                json["id"] = call.Id;
            }

            // Of what this request is offered: none, where its caller wants no calls, and only the calls that it has approved are made.
            var tool = _offered.GetValueOrDefault(call.Name);
            var isCallers = tool is null && (_callers.Has(call.Name) || _callers.HasNameless);
            if (!isCallers && json["function"] is JsonObject function && !IsObject(call.Arguments))
            {
                // No other provider, and not every server of this protocol, takes it back. The tool sees what was written.
                function["arguments"] = "{}";
            }

            calls.Add(new SortedCall(json, call with { Arguments = isCallers ? call.Arguments : _texts.ForTools(call.Arguments) }, isCallers, tool));
        }

        return calls;
    }

    private async Task<JsonObject[]> RunAsync(List<SortedCall> calls, CancellationToken cancellationToken)
    {
        var results = await _services.Runner.RunAsync([.. calls.Select(call => call.Call)], _offered, _request, cancellationToken);
        return [.. calls.Zip(results, (call, result) => new JsonObject { ["role"] = "tool", ["tool_call_id"] = call.Call.Id, ["content"] = _texts.ForModel(result.Text) })];
    }

    // The calls that go to the caller, under ids by which they are found again.
    private async ValueTask<IReadOnlyList<JsonObject>> KeepAsync(List<SortedCall> calls)
    {
        var id = KeptCallId.NewAnswer();
        _request.Tools?.KeepToCaller();
        var kept = new KeptAnswer(
            KeptAnswer.OwnerOf(_request.Principal),
            [.. _messages.Select(message => _texts.ForKeeping(message).ToJsonString(Written))],
            [.. calls.Select(call => new KeptCall(call.Call.Id, call.Call.Name, call.NeedsApproval ? call.Call.Arguments : null, call.Tool?.Origin))]);
        await _services.Answers.KeepAsync(id, kept, _request);
        return [.. calls.Select((call, number) =>
        {
            var sent = (JsonObject)call.Json.DeepClone();
            sent["id"] = new KeptCallId(id, number).ToString();
            return sent;
        })];
    }

    private void GoOn(ModelAnswer answer, JsonObject[] results)
    {
        _before.Add(answer);
        _request.EndRound();
        _conversation.Add([answer.Message, .. results]);
        _conversation.LeaveChoice();
        var limits = _request.Configuration.Options.Functions;
        if (_before.Count >= limits.MaxIterations || (limits.MaxCostUsd is { } most && _request.Cost is { } cost && cost.Dollars >= (decimal)most))
        {
            _isLast = true;
            _conversation.ForbidCalls();
        }
    }

    private static bool IsObject(string arguments)
    {
        try
        {
            return JsonElement.Parse(arguments).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static readonly JsonSerializerOptions Written = new() { Encoder = Json.WriterOptions.Encoder };

    /// <summary>A call, and whose it is.</summary>
    /// <param name="Json">It, in its message.</param>
    /// <param name="Call">It, as its tool sees it.</param>
    /// <param name="IsCallers">Whether the caller makes it.</param>
    /// <param name="Tool">The gateway's tool that it is a call of; null for none.</param>
    private sealed record SortedCall(JsonObject Json, ToolCall Call, bool IsCallers, ServerTool? Tool)
    {
        /// <summary>Whether the gateway makes it once the caller approves.</summary>
        public bool NeedsApproval => Tool is { NeedsApproval: true };
    }
}
