namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>How much a text looks like prompt injection.</summary>
/// <param name="Score">Sum of the weights of the rules that fired close together; 0 where none did.</param>
/// <param name="Rules">Names of the rules that add up to the score, in the order of the text.</param>
internal readonly record struct InjectionVerdict(double Score, IReadOnlyList<string> Rules)
{
    /// <summary>The score from which a text is an attack.</summary>
    public const double Threshold = 1.0;

    /// <summary>What is said of a text in which no rule fired.</summary>
    public static InjectionVerdict Clean { get; } = new(0, []);

    /// <summary>Whether the text is to be treated as an attack.</summary>
    public bool IsAttack => Score >= Threshold;
}
