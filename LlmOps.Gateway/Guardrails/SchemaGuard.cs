using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.JsonSchema;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Holds answers to the JSON that was asked for: an object, or what a schema describes. One that is not that is asked for once more.</summary>
internal sealed class SchemaGuard(TargetRoutingChatClient routing, GuardrailStatistics statistics, TimeProvider time)
{
    private const string Field = "response_format.json_schema.schema";
    private const int ShownFaults = 5;

    private static readonly Schema AnyObject = Schema.Parse(JsonElement.Parse("""{"type":"object"}"""));
    private static readonly TimeSpan LongestRepair = TimeSpan.FromMinutes(2);

    /// <summary>The schema that answers of a request are held to; null where it asks for none.</summary>
    /// <exception cref="GatewayException">400: it asks for one that is not understood here, and is to be enforced.</exception>
    public Schema? SchemaOf(GuardrailPolicy policy, GatewayChatOptions options)
    {
        if (policy.Schema == GuardrailMode.Off || options.ResponseFormat is not ChatResponseFormatJson format)
        {
            return null;
        }

        try
        {
            return format.Schema is { } schema ? Schema.Parse(schema) : AnyObject;
        }
        catch (JsonSchemaException exception)
        {
            if (policy.Schema == GuardrailMode.Enforce)
            {
                throw new GatewayException(ErrorCode.InvalidValue, $"{Field} cannot be enforced: {exception.Message}", Field, exception);
            }

            statistics.Found(options.Request, GuardrailRules.Schema, GuardrailOutcome.Monitored);
            return null;
        }
    }

    /// <summary>Checks a complete answer.</summary>
    /// <returns>Another answer in its place; null where it may go out as it is.</returns>
    /// <exception cref="GatewayException">Neither it nor another keeps to the schema, or the budgets allow no other.</exception>
    public async ValueTask<ChatResponse?> CheckAsync(
        GuardrailPolicy policy, Schema schema, IEnumerable<ChatMessage> messages, ChatResponse answer, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        if (FaultOf(schema, answer) is not { } fault)
        {
            return null;
        }

        var request = options.Request;
        if (policy.Schema == GuardrailMode.Enforce && answer.Messages.Count == 1)
        {
            var repaired = await AskAgainAsync(messages, answer, fault, options, cancellationToken);
            if (FaultOf(schema, repaired) is not { } stillThere)
            {
                statistics.Found(request, GuardrailRules.Schema, GuardrailOutcome.Repaired);
                return repaired;
            }

            fault = stillThere;
        }

        // The fault quotes the answer, which no log may.
        statistics.Decide(request, GuardrailRules.Schema, policy.Schema, "the answer is not the JSON that was asked for.", fault);
        return null;
    }

    private Task<ChatResponse> AskAgainAsync(IEnumerable<ChatMessage> messages, ChatResponse answer, string fault, GatewayChatOptions options, CancellationToken cancellationToken)
    {
        var correction = $"Your answer is not the JSON that was asked for: {fault}\nAnswer again, with the whole JSON alone.";
        var request = options.Request;
        var size = request.Size with { TextBytes = request.Size.TextBytes + Encoding.UTF8.GetByteCount(answer.Text) + Encoding.UTF8.GetByteCount(correction) };
        var again = (GatewayChatOptions)options.Clone();
        again.Original = null;
        again.Request = request.Beside(request.Route!, size, request.MaxTokens, LongestRepair, time, cancellationToken);
        return routing.GetResponseAsync([.. messages, new ChatMessage(ChatRole.Assistant, answer.Text), new ChatMessage(ChatRole.User, correction)], again, cancellationToken);
    }

    // A call of a tool, or a refusal, is no JSON and need not be. Of several choices, each is held to it.
    private static string? FaultOf(Schema schema, ChatResponse answer)
    {
        foreach (var message in answer.Messages)
        {
            if (!message.Contents.Any(content => content is FunctionCallContent or ErrorContent) && FaultOf(schema, message.Text) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FaultOf(Schema schema, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var faults = schema.Validate(json.RootElement);
            return faults.Count == 0 ? null : string.Join(" ", faults.Take(ShownFaults));
        }
        catch (JsonException)
        {
            return "it is not valid JSON.";
        }
    }
}
