namespace LlmOps.Evaluator;

/// <summary>The program.</summary>
internal static class EvaluatorProgram
{
    public static int Main(string[] args) => args.Length;
}
