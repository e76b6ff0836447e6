using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>The schema of a wanted answer, for protocols that have no place for its description but the schema itself.</summary>
internal static class AnswerSchema
{
    /// <summary>The schema, with the description in it; null where only JSON is wanted, or not even that.</summary>
    public static JsonElement? Of(ChatResponseFormat? format)
    {
        if ((format as ChatResponseFormatJson)?.Schema is not { } schema)
        {
            return null;
        }

        if (((ChatResponseFormatJson)format).SchemaDescription is not { } description || schema.TryGetProperty("description", out _))
        {
            return schema;
        }

        return JsonElement.Parse(ProviderRequest.Object(json =>
        {
            json.WriteString("description", description);
            foreach (var member in schema.EnumerateObject())
            {
                member.WriteTo(json);
            }
        }).Span);
    }
}
