using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>What an endpoint does for idempotency whose bodies have a key of their own.</summary>
internal interface IIdempotencyFormat
{
    /// <summary>The key in a body; null where it has none that can be used: it is the endpoint that says what is wrong with it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="facts">The request, which may be told what else the body says of it.</param>
    BodyKey? Find(ReadOnlyMemory<byte> body, GatewayRequest facts);

    /// <summary>An answer's body as it is given again.</summary>
    /// <param name="answer">As it was sent first.</param>
    /// <param name="facts">The request that it is given to.</param>
    ReadOnlyMemory<byte> Replay(ReadOnlyMemory<byte> answer, GatewayRequest facts);
}

/// <summary>An idempotency key that stands in a body.</summary>
/// <param name="Field">The field that it stands in.</param>
/// <param name="Key">The key.</param>
/// <param name="Content">What has to be the same when it comes again: the body, without what must leave no trace, such as a provider's key.</param>
internal readonly record struct BodyKey(string Field, string Key, ReadOnlyMemory<byte> Content);
