using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Gateway.Guardrails;

/// <summary>One text of an answer as it comes, in pieces or whole: what it says, or the arguments of a call.</summary>
internal sealed class AnswerText(AnswerCheck check)
{
    private readonly TextWindow? _monitoring = check.Monitoring();
    private readonly TextWindow[] _enforcing = [.. check.Enforcing()];

    /// <summary>Takes in the next piece.</summary>
    /// <returns>What may go out now.</returns>
    /// <exception cref="GatewayException">The answer is refused.</exception>
    public string Push(string piece)
    {
        check.Add(piece.Length);
        _monitoring?.Push(piece);
        foreach (var window in _enforcing)
        {
            piece = window.Push(piece);
        }

        return piece;
    }

    /// <summary>The text is at its end.</summary>
    /// <returns>What was held back.</returns>
    /// <exception cref="GatewayException">The answer is refused.</exception>
    public string End()
    {
        _monitoring?.End();
        var rest = "";
        foreach (var window in _enforcing)
        {
            rest = window.Push(rest) + window.End();
        }

        return rest;
    }
}
