using System.Text.Json.Nodes;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What makes /invoke idempotent: its request_id. An answer that is given again says <c>cached: true</c>.</summary>
internal sealed class InvokeIdempotency(TimeProvider time) : IIdempotencyFormat
{
    private const string Field = "request_id";

    /// <inheritdoc/>
    public BodyKey? Find(ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        try
        {
            var json = JsonBody.Parse(body);
            facts.BodyRequestId = InvokeRequest.RequestIdOf(json);

            // Of a key for a provider nothing is kept, not even a hash.
            var content = JsonObject.Create(json.Root)!;
            content.Remove(CallersKey.Field);
            return new BodyKey(Field, facts.BodyRequestId, JsonTexts.ToUtf8(content));
        }
        catch (GatewayException)
        {
            // The endpoint reads it next, and says so.
            return null;
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Replay(ReadOnlyMemory<byte> answer, GatewayRequest facts)
    {
        var reply = JsonNode.Parse(answer.Span)!.AsObject();
        reply["cached"] = true;
        if (reply["performance"] is JsonObject performance)
        {
            performance["request_latency_ms"] = Math.Round(time.GetElapsedTime(facts.StartedAt).TotalMilliseconds, 3);
            performance["llm_latency_ms"] = 0;
            performance["cache_hit"] = true;
        }

        return JsonTexts.ToUtf8(reply);
    }
}
