using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /llm/generate: a prompt for a model in, an answer as /chat gives it out; always with a credential.</summary>
internal sealed class GenerateEndpoint(TimeProvider time) : PlainAnswer(time)
{
    private static readonly string[] Fields = ["model", "prompt", "temperature", "max_tokens"];

    public static void Map(IEndpointRouteBuilder routes) =>
        ChatCall.Map(routes, "/llm/generate", new GenerateEndpoint(routes.ServiceProvider.GetRequiredService<TimeProvider>()))
            .WithTags("Chat").WithSummary("A prompt for a model in, an answer out; always with a credential")
            .WithMetadata(ApiExamples.Generate, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ChatReply), ["application/json"]));

    /// <inheritdoc/>
    // The same question to the same model has the same answer there.
    public override string Family => "/chat";

    /// <inheritdoc/>
    public override bool TakesUntypedBodies => true;

    /// <inheritdoc/>
    public override ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body);
        PlainFields.RefuseUnknown(json, Fields);
        var model = json.NonEmptyText(json.Required(json.Root, "model"u8, "the name of a model"), "the name of a model");
        var prompt = json.NonEmptyText(json.Required(json.Root, "prompt"u8, "the prompt"));
        var defaults = facts.Configuration.Options.Endpoints;
        return ValueTask.FromResult(new ChatCallRequest(model, [new ChatMessage(ChatRole.User, prompt)], PlainFields.Options(json, defaults.DefaultTemperature, defaults.DefaultMaxTokens), Stream: false));
    }
}
