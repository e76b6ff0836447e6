using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>POST /prompts/{name}/run: values for a prompt in, an answer as /chat gives it out.</summary>
internal sealed class PromptRunEndpoint(PromptCall call, TimeProvider time) : PlainAnswer(time)
{
    private static readonly string[] Fields = ["variables", "version", "label", "model", "temperature", "max_tokens", "stream", "user", "session"];

    public static void Map(IEndpointRouteBuilder routes) =>
        ChatCall.Map(routes, "/prompts/{name}/run", new PromptRunEndpoint(routes.ServiceProvider.GetRequiredService<PromptCall>(), routes.ServiceProvider.GetRequiredService<TimeProvider>()))
            .WithTags("Prompts").WithSummary("Values for a prompt in, an answer out; with stream its text as it comes")
            .WithMetadata(PromptExamples.Run, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ChatReply), ["application/json"]));

    /// <inheritdoc/>
    public override string Family => "/prompts";

    /// <inheritdoc/>
    public override ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body);
        PlainFields.RefuseUnknown(json, Fields);
        facts.User = Label(json, "user") ?? facts.User;
        facts.Session = Label(json, "session") ?? facts.Session;
        var variables = JsonBody.Optional(json.Root, "variables"u8) is { } given ? json.Object(given, "an object of names and values") : (System.Text.Json.JsonElement?)null;
        var stream = JsonBody.Optional(json.Root, "stream"u8) is { } flag && json.Boolean(flag);
        return call.MakeAsync(facts, (string)http.Request.RouteValues["name"]!, json, version => PromptValues.Read(version, variables, "variables"), stream);
    }

    private static string? Label(JsonBody body, string field) => JsonBody.Optional(body.Root, field) is { } value ? PlainFields.Label(body, value) : null;
}
