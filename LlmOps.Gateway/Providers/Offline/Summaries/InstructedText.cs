using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>A message taken apart: what to do, and the text to do it to.</summary>
/// <param name="Instruction">What to do.</param>
/// <param name="Body">The text, without what delimits it.</param>
internal sealed record InstructedText(string Instruction, string Body)
{
    /// <summary>Longest instruction, in UTF-16 units; longer heads of a message are its text.</summary>
    public const int MaxInstruction = 500;

    /// <summary>The first way to take a message apart in which the instruction is one; null if there is none.</summary>
    public static InstructedText? Split(string message, Func<string, bool> isInstruction)
    {
        foreach (var (instruction, body) in TextSplits.Of(message.Trim()))
        {
            if (instruction.Length <= MaxInstruction && !string.IsNullOrWhiteSpace(instruction) && !string.IsNullOrWhiteSpace(body) && isInstruction(instruction))
            {
                return new InstructedText(instruction.Trim(), Quotes.Strip(body.Trim()));
            }
        }

        return null;
    }
}
