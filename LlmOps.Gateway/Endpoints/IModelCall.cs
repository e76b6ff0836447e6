using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What one of the endpoints that ask a model does with a request; what holds for all of them is <see cref="ModelCallEndpoint"/>'s.</summary>
internal interface IModelCall
{
    /// <summary>Requests of one family may have the same answer.</summary>
    string Family { get; }

    /// <summary>Whether answers are cached unless something says otherwise.</summary>
    bool IsCachedByDefault { get; }

    /// <summary>How its bodies have an idempotency key of their own; null where only the header has one.</summary>
    IIdempotencyFormat? Idempotency => null;

    /// <summary>Whether bodies may come without saying that they are JSON, as curl sends them: only where a credential is always needed, for no web page can send that unasked.</summary>
    bool TakesUntypedBodies => false;

    /// <summary>Understands a request, has it answered, and writes the answer.</summary>
    /// <exception cref="GatewayException">It failed: as a 400, with the field and what was expected, where the request is at fault.</exception>
    ValueTask AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts);
}
