using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>Log probabilities of an answer's tokens, or of the tokens of one update.</summary>
internal sealed class LogprobsContent(IReadOnlyList<TokenLogprob> tokens) : AIContent
{
    /// <summary>The tokens, in the order of the text.</summary>
    public IReadOnlyList<TokenLogprob> Tokens { get; } = tokens;
}

/// <summary>A token and its probability.</summary>
/// <param name="Token">Its text.</param>
/// <param name="Logprob">Natural logarithm of its probability, at most 0.</param>
/// <param name="Top">The likeliest tokens at this place, if they were asked for.</param>
internal sealed record TokenLogprob(string Token, double Logprob, IReadOnlyList<TokenLogprob> Top);
