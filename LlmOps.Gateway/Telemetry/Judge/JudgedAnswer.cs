using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry.Judge;

/// <summary>An answer that waits for its judge.</summary>
/// <param name="Request">The request, which is over or about to be.</param>
/// <param name="Said">What was asked and answered.</param>
internal sealed record JudgedAnswer(GatewayRequest Request, ContentCapture Said)
{
    /// <summary>The conversation as a text.</summary>
    public string Question => string.Join("\n\n", Said.Messages.Select(message => $"{message.Role}: {message.Text}"));
}
