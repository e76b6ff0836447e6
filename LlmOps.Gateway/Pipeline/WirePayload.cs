namespace LlmOps.Gateway.Pipeline;

/// <summary>What a provider sent, as it sent it, beside the typed form of an answer or of one update.</summary>
/// <param name="Json">The provider's bytes.</param>
internal abstract record WirePayload(ReadOnlyMemory<byte> Json);
