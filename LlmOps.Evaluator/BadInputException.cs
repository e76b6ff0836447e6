namespace LlmOps.Evaluator;

/// <summary>What was given cannot be worked with: options, datasets, eval.yaml, a prompt that is not there. The program ends with 2.</summary>
/// <param name="faults">What is wrong and what was expected, a line each.</param>
internal sealed class BadInputException(params IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>The exit code.</summary>
    public const int ExitCode = 2;

    /// <summary>What is wrong, a line each.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
