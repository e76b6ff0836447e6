using System.Buffers;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers.OpenAI;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /v1/chat/completions: OpenAI's, streaming or not.</summary>
internal sealed class ChatCompletionsEndpoint(PromptCompletion prompts) : IChatFormat
{
    public static void Map(IEndpointRouteBuilder routes) =>
        ChatCall.Map(routes, "/v1/chat/completions", new ChatCompletionsEndpoint(routes.ServiceProvider.GetRequiredService<PromptCompletion>()))
            .WithTags("OpenAI")
            .WithSummary("Chat completion, OpenAI's form, streaming or not")
            .WithMetadata(ApiExamples.ChatCompletions);

    /// <inheritdoc/>
    public string Family => "/v1/chat/completions";

    /// <inheritdoc/>
    // Who calls OpenAI's API expects another answer each time, unless at temperature 0.
    public bool IsCachedByDefault => false;

    /// <inheritdoc/>
    public ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts) => prompts.ReadAsync(body, facts);

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext http, ChatCallRequest request, ChatResponse response, GatewayRequest facts)
    {
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

        return output.FlushAsync(http.RequestAborted).AsTask();
    }

    /// <inheritdoc/>
    public async Task StreamAsync(HttpContext http, ChatCallRequest request, IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        var callerGone = http.RequestAborted;
        var output = http.Response.BodyWriter;
        http.Response.ContentType = "text/event-stream";
        var chunks = new ChunkWriter(output, request.Model, ((ChatCompletionRequest)request).IncludeUsage);
        try
        {
            await output.WriteAllAsync(updates, chunks.Write);
            chunks.WriteEnd();
        }
        catch (Exception exception) when (!callerGone.IsCancellationRequested)
        {
            // The status is out. An error event without [DONE] is how this protocol says that the answer is not complete.
            var told = ErrorResponse.Classify(exception);
            ChunkWriter.WriteEvent(output, buffer => ErrorResponse.WriteOpenAI(buffer, told));
            await output.FlushAsync(callerGone);
            throw new BrokenStreamException(told);
        }

        await output.FlushAsync(callerGone);
    }
}
