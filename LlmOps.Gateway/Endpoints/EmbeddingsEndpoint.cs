using System.Buffers;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /v1/embeddings: OpenAI's.</summary>
internal sealed class EmbeddingsEndpoint(IEmbeddingGenerator<string, Embedding<float>> generator, PromptGuard guard, RequestAccounting accounting) : IModelCall
{
    private const string Route = "/v1/embeddings";

    public static void Map(IEndpointRouteBuilder routes) =>
        ModelCallEndpoint.Map(routes, Route, ActivatorUtilities.CreateInstance<EmbeddingsEndpoint>(routes.ServiceProvider))
            .WithTags("OpenAI")
            .WithSummary("Embeddings, OpenAI's form")
            .WithMetadata(ApiExamples.Embeddings);

    /// <inheritdoc/>
    public string Family => Route;

    /// <inheritdoc/>
    public bool IsCachedByDefault => false;

    /// <inheritdoc/>
    public async ValueTask AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var request = EmbeddingsRequest.Parse(body, facts);
        facts.Asked = request.Options.Original;
        facts.AskFor(request.Model);
        if (guard.Admit(facts.Configuration.Guardrails.Of(facts), request.Texts, facts) is { } masked)
        {
            request = request.With(masked, facts);
            facts.Asked = request.Options.Original;
        }

        await accounting.ReserveAsync(facts, new RequestSize(body.Length) { EmbedsOnly = true });
        var answer = await generator.GenerateAsync(request.Texts, request.Options, facts.CallerGone);
        accounting.Close(facts);
        ResponseFacts.Write(http.Response, facts);
        http.Response.ContentType = "application/json";
        var output = http.Response.BodyWriter;
        if (answer.AdditionalProperties?.GetValueOrDefault(MessageProperties.Payload) is OpenAIPayload payload)
        {
            var model = facts.Route!.Encoded(request.Model);
            http.Response.ContentLength = payload.LengthWith(model);
            payload.WriteTo(output, model);
        }
        else
        {
            // Whole before any of it is sent, so that a fault can still become a status.
            var embeddings = new ArrayBufferWriter<byte>(4096);
            EmbeddingsWriter.Write(embeddings, answer, request.Model, request.AsBase64);
            http.Response.ContentLength = embeddings.WrittenCount;
            output.Write(embeddings.WrittenSpan);
        }

        await output.FlushAsync(http.RequestAborted);
    }
}
