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

    /// <summary>Understands a request, has it answered, and writes the answer.</summary>
    /// <exception cref="GatewayException">It failed: as a 400, with the field and what was expected, where the request is at fault.</exception>
    ValueTask AnswerAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts);
}
