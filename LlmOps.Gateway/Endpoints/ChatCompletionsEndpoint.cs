using System.Buffers;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /v1/chat/completions: OpenAI's, streaming or not.</summary>
internal static class ChatCompletionsEndpoint
{
    public static void MapChatCompletions(this IEndpointRouteBuilder routes) =>
        ModelCallEndpoint.Map(routes, "/v1/chat/completions", Complete)
            .WithTags("OpenAI")
            .WithSummary("Chat completion, OpenAI's form, streaming or not")
            .WithMetadata(ApiExamples.ChatCompletions);

    private static async Task Complete(HttpContext http, GatewayRequest facts, IChatClient pipeline)
    {
        var request = ChatCompletionRequest.Parse(await RequestBody.ReadAsync(http, facts.Configuration));
        facts.Describe(request.Model, request.Options, request.Stream);
        if (request.Stream)
        {
            await StreamAsync(http, pipeline, request, facts);
            return;
        }

        var response = await pipeline.GetResponseAsync(request.Messages, request.Options, facts.CallerGone);
        http.Response.WriteFacts(facts);
        http.Response.ContentType = "application/json";
        var output = http.Response.BodyWriter;
        if (response.RawRepresentation is OpenAIPayload payload)
        {
            var model = facts.Route!.Encoded(request.Model);
            http.Response.ContentLength = payload.LengthWith(model);
            payload.WriteTo(output, model);
        }
        else
        {
            // Whole before any of it is sent, so that a fault can still become a status.
            var completion = new ArrayBufferWriter<byte>(1024);
            ChatCompletionWriter.Write(completion, response, request.Model);
            http.Response.ContentLength = completion.WrittenCount;
            output.Write(completion.WrittenSpan);
        }

        await output.FlushAsync(http.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext http, IChatClient pipeline, ChatCompletionRequest request, GatewayRequest facts)
    {
        var callerGone = http.RequestAborted;
        await using var updates = await pipeline.BeginStreamAsync(request.Messages, request.Options, facts.CallerGone);
        http.Response.WriteFacts(facts);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";

        // Reverse proxies buffer unless they are told not to.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var chunks = new ChunkWriter(http.Response.BodyWriter, request.Model, request.IncludeUsage);
        try
        {
            do
            {
                if (chunks.Write(updates.Current))
                {
                    await http.Response.BodyWriter.FlushAsync(callerGone);
                }
            }
            while (await updates.MoveNextAsync());
            chunks.WriteEnd();
        }
        catch (Exception exception) when (!callerGone.IsCancellationRequested)
        {
            // The status is out. An error event without [DONE] is how this protocol says that the answer is not complete.
            var told = ErrorResponse.Classify(exception);
            ChunkWriter.WriteEvent(http.Response.BodyWriter, output => ErrorResponse.WriteOpenAI(output, told));
            await http.Response.BodyWriter.FlushAsync(callerGone);
            throw new BrokenStreamException(told);
        }

        await http.Response.BodyWriter.FlushAsync(callerGone);
    }
}
