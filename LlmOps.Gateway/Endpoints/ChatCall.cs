using System.Runtime.CompilerServices;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Has the pipeline answer a chat, whichever of the APIs it came by.</summary>
internal sealed class ChatCall(IChatFormat format, IChatClient pipeline, GatewayTools tools, KeptRequests kept, RequestAccounting accounting) : IModelCall
{
    /// <summary>Maps an endpoint for chats.</summary>
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string pattern, IChatFormat format) =>
        ModelCallEndpoint.Map(routes, pattern, Of(routes.ServiceProvider, format));

    /// <summary>Has the gateway's pipeline answer chats of a format.</summary>
    public static ChatCall Of(IServiceProvider services, IChatFormat format) => ActivatorUtilities.CreateInstance<ChatCall>(services, format);

    /// <inheritdoc/>
    public string Family => format.Family;

    /// <inheritdoc/>
    public bool IsCachedByDefault => format.IsCachedByDefault;

    /// <inheritdoc/>
    public IIdempotencyFormat? Idempotency => format.Idempotency;

    /// <inheritdoc/>
    public bool TakesUntypedBodies => format.TakesUntypedBodies;

    /// <inheritdoc/>
    // Once per request: its state is taken from a pool.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var request = await format.ReadAsync(http, body, facts);
        Describe(facts, request);
        facts.Tools = await tools.OfferAsync(facts);
        request = await kept.PutBackAsync(request, facts);
        var size = request.Options.Original is { } original
            ? RequestSize.Of(original.Body)
            : new RequestSize(request.TextBytes ?? body.Length) { HasTools = request.Options.Tools is { Count: > 0 } };
        await accounting.ReserveAsync(facts, facts.Tools is { Tools.Count: > 0 } offered ? offered.AddTo(size) : size);
        if (request.Stream)
        {
            await StreamAsync(http, request, facts);
            return;
        }

        var response = await pipeline.GetResponseAsync(request.Messages, request.Options, facts.CallerGone);
        accounting.Close(facts);
        ResponseFacts.Write(http.Response, facts);
        await format.WriteAsync(http, request, response, facts);
    }

    // What the body asks for, so that the call can go into the pipeline.
    private static void Describe(GatewayRequest facts, ChatCallRequest request)
    {
        facts.Asked = request.Options.Original;
        facts.Streaming = request.Stream;
        (facts.Temperature, facts.MaxTokens) = (request.Options.Temperature, request.Options.MaxOutputTokens);
        request.Options.Request = facts;
        facts.Options = request.Options;
        facts.AskFor(request.Model);
        ParameterCheck.Hold(facts, request.Options);
        (facts.Temperature, facts.MaxTokens) = (request.Options.Temperature, request.Options.MaxOutputTokens);
    }

    private async Task StreamAsync(HttpContext http, ChatCallRequest request, GatewayRequest facts)
    {
        await using var updates = pipeline.GetStreamingResponseAsync(request.Messages, request.Options, facts.CallerGone).GetAsyncEnumerator(facts.CallerGone);

        // Whatever fails before the first update can still be told by a status. The router never ends a stream before its first content.
        await updates.MoveNextAsync();
        ResponseFacts.Write(http.Response, facts);
        http.Response.Headers.CacheControl = "no-cache";

        // Reverse proxies buffer unless they are told not to.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await format.StreamAsync(http, request, new ClosingUpdates(updates, () => accounting.Close(facts)));
    }

    /// <summary>The updates, with a last word when all of them are there, but before whoever reads them knows.</summary>
    private sealed class ClosingUpdates(IAsyncEnumerator<ChatResponseUpdate> updates, Action close) : IAsyncEnumerator<ChatResponseUpdate>
    {
        public ChatResponseUpdate Current => updates.Current;

        public ValueTask<bool> MoveNextAsync()
        {
            var next = updates.MoveNextAsync();
            return next.IsCompletedSuccessfully ? ValueTask.FromResult(Pass(next.Result)) : WaitAsync(next);
        }

        public ValueTask DisposeAsync() => updates.DisposeAsync();

        // Once per chunk: its state is taken from a pool.
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<bool> WaitAsync(ValueTask<bool> next) => Pass(await next);

        private bool Pass(bool more)
        {
            if (!more)
            {
                close();
            }

            return more;
        }
    }
}
