using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmOps.Gateway.Endpoints;

/// <summary>The body of an endpoint that reads its JSON itself, for the OpenAPI document: its fields and an example that works.</summary>
/// <param name="Schema">JSON schema of the body.</param>
/// <param name="Example">A body to try.</param>
internal sealed record ApiExample(OpenApiSchema Schema, string Example);

/// <summary>Bodies for the OpenAPI document, and the transformer that puts them there.</summary>
internal static class ApiExamples
{
    public static ApiExample ChatCompletions { get; } = new(
        Body(
            ["model", "messages"],
            ("model", String("A name from GET /v1/models, or provider/model.")),
            ("messages", new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "The conversation. Roles: system, developer, user, assistant, tool. Content: a string, or parts (text, image_url, input_audio, file).",
                Items = Body(["role"], ("role", String("Who speaks.")), ("content", new OpenApiSchema { Description = "A string or a list of parts." })),
            }),
            ("stream", new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Server-sent events instead of one answer." }),
            ("stream_options", new OpenApiSchema { Type = JsonSchemaType.Object, Description = "include_usage: a last chunk with the tokens." }),
            ("temperature", Number("0 to 2.")),
            ("top_p", Number("0 to 1.")),
            ("max_tokens", Integer("Most tokens of the answer; also max_completion_tokens.")),
            ("stop", new OpenApiSchema { Description = "A string or a list of strings." }),
            ("seed", Integer("For repeatable answers, where the provider can.")),
            ("tools", new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } }),
            ("tool_choice", new OpenApiSchema { Description = "none, auto, required, or an object that names a function." }),
            ("response_format", new OpenApiSchema { Type = JsonSchemaType.Object, Description = "text, json_object or json_schema." })),
        """{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""");

    public static ApiExample Embeddings { get; } = new(
        Body(
            ["model", "input"],
            ("model", String("A name from GET /v1/models with embeddings among its features, or provider/model.")),
            ("input", new OpenApiSchema { Description = "A text, or a list of up to 2048; at providers of OpenAI's protocol also a list of token ids, or a list of such lists." }),
            ("dimensions", Integer("Length of the vectors, where the model has a choice.")),
            ("encoding_format", String("float, or base64 of little-endian 32-bit floats.")),
            ("user", String("The caller's end user, where the provider takes one."))),
        """{"model":"offline-embedding","input":["Where is the library?","How do I find the library?"]}""");

    public static ApiExample Login { get; } = new(
        Body(["username", "password"], ("username", String("The user's name.")), ("password", String("The user's password."))),
        """{"username":"admin","password":"a long password"}""");

    public static ApiExample Refresh { get; } = new(
        Body(["refresh_token"], ("refresh_token", String("As the last login or refresh gave it."))),
        """{"refresh_token":"rt-llmops-..."}""");

    public static ApiExample Generate { get; } = new(
        Body(
            ["model", "prompt"],
            ("model", String("A name from GET /v1/models, or provider/model.")),
            ("prompt", String("What to answer.")),
            ("temperature", Number("0 to 1, unless the gateway's policy for this route says otherwise; 0.7 by default.")),
            ("max_tokens", Integer("Most tokens of the answer; 1024 by default."))),
        """{"model":"offline","prompt":"What is 6 * 7?"}""");

    public static ApiExample Invoke { get; } = new(
        Body(
            ["request_id", "user_prompt"],
            ("request_id", String("What you call the request: 1 to 256 characters, shown in its answer.")),
            ("user_prompt", String("What to answer; sent last.")),
            ("system_prompt", String("How to answer; sent first.")),
            ("messages", new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "The conversation before the prompt.",
                Items = Body(["type", "content"], ("type", String("system, human, ai or tool.")), ("content", String("What was said."))),
            }),
            ("openai_api_key", String("A key of your own, for this call of a model of OpenAI's: kept nowhere, and the answer is not cached.")),
            ("model", String("A name from GET /v1/models, or provider/model; the default model if absent.")),
            ("temperature", Number("0 to 2; 0.7 by default.")),
            ("max_tokens", Integer("Most tokens of the answer; 1000 by default."))),
        """{"request_id":"550e8400-e29b-41d4-a716-446655440000","user_prompt":"What is 6 * 7?"}""");

    public static ApiExample Chat { get; } = new(
        Body(
            ["prompt"],
            ("prompt", String("What to answer.")),
            ("context", String("Goes before the prompt in the same message, under a heading.")),
            ("system", String("How to answer.")),
            ("model", String("A name from GET /v1/models; the default model if absent.")),
            ("temperature", Number("0 to 2; 0.7 by default.")),
            ("max_tokens", Integer("Most tokens of the answer; 1024 by default."))),
        """{"prompt":"What is 6 * 7?"}""");

    /// <summary>Puts the bodies where the endpoints carry them as metadata.</summary>
    public static Task Transform(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiExample>().FirstOrDefault() is { } example)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = example.Schema, Example = JsonNode.Parse(example.Example) },
                },
            };
        }

        return Task.CompletedTask;
    }

    internal static OpenApiSchema Body(string[] required, params (string Name, OpenApiSchema Schema)[] fields) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(required),
        Properties = fields.ToDictionary(field => field.Name, field => (IOpenApiSchema)field.Schema),
    };

    internal static OpenApiSchema String(string description) => new() { Type = JsonSchemaType.String, Description = description };

    internal static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Number, Description = description };

    internal static OpenApiSchema Integer(string description) => new() { Type = JsonSchemaType.Integer, Description = description };
}
