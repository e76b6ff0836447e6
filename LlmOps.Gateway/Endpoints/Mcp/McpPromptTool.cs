using System.Text.Json;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>The tool <c>run_prompt</c>: as POST /prompts/{name}/run.</summary>
internal sealed class McpPromptTool(PromptCall call, TimeProvider time) : PlainAnswer(time)
{
    private static readonly string[] Fields = ["name", "variables", "version", "label", "model", "temperature", "max_tokens"];

    /// <summary>The tool, as clients see it.</summary>
    public static Tool Tool { get; } = new()
    {
        Name = "run_prompt",
        Title = "Run a prompt",
        Description = "Puts values into one of the gateway's versioned prompts, asks a language model, and returns its answer. prompts/list has the prompts and their variables.",
        InputSchema = JsonElement.Parse("""
            {
              "type": "object",
              "properties": {
                "name": { "type": "string", "description": "The prompt." },
                "variables": { "type": "object", "description": "Values for its variables, by name: texts, numbers, true or false." },
                "version": { "type": "string", "description": "A version such as v2; the one in force if absent." },
                "label": { "type": "string", "description": "A label, such as staging, in place of a version." },
                "model": { "type": "string", "description": "A model's name; the prompt's own, or the gateway's default model, if absent." },
                "temperature": { "type": "number", "minimum": 0, "maximum": 2 },
                "max_tokens": { "type": "integer", "minimum": 1, "description": "Most tokens of the answer." }
              },
              "required": ["name"],
              "additionalProperties": false
            }
            """),
    };

    /// <inheritdoc/>
    public override string Family => "/prompts";

    /// <inheritdoc/>
    public override ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body, "arguments");
        PlainFields.RefuseUnknown(json, Fields);
        var name = json.NonEmptyText(json.Required(json.Root, "name"u8, "the prompt's name"));
        var variables = JsonBody.Optional(json.Root, "variables"u8) is { } given ? json.Object(given, "an object of names and values") : (JsonElement?)null;
        return call.MakeAsync(facts, name, json, version => PromptValues.Read(version, variables, "variables"), stream: false);
    }
}
