using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Numbers the tool calls of one stream, and keeps a call whose pieces went out from going out again as a whole.</summary>
internal sealed class ToolCallPositions
{
    private readonly HashSet<string> _inPieces = [];
    private int _next;

    /// <summary>Writes <c>tool_calls</c> of a delta, if the update has any.</summary>
    public void Write(Utf8JsonWriter json, IList<AIContent> contents)
    {
        var open = false;
        foreach (var content in contents)
        {
            if (content is not (ToolCallDelta or FunctionCallContent) || (content is FunctionCallContent known && _inPieces.Contains(known.CallId)))
            {
                continue;
            }

            if (!open)
            {
                json.WriteStartArray("tool_calls");
                open = true;
            }

            if (content is ToolCallDelta delta)
            {
                WritePiece(json, delta);
            }
            else
            {
                var call = (FunctionCallContent)content;
                WriteCall(json, _next++, call.CallId, call.Name, OpenAIContent.ArgumentsText(call));
            }
        }

        if (open)
        {
            json.WriteEndArray();
        }
    }

    private void WritePiece(Utf8JsonWriter json, ToolCallDelta delta)
    {
        if (delta.CallId is not null)
        {
            _inPieces.Add(delta.CallId);
            _next = Math.Max(_next, delta.Index + 1);
        }

        WriteCall(json, delta.Index, delta.CallId, delta.Name, delta.Arguments);
    }

    private static void WriteCall(Utf8JsonWriter json, int index, string? id, string? name, string arguments)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        if (id is not null)
        {
            json.WriteString("id", id);
            json.WriteString("type", "function");
        }

        json.WriteStartObject("function");
        if (name is not null)
        {
            json.WriteString("name", name);
        }

        json.WriteString("arguments", arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
