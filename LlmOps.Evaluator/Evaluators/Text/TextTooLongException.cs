using System.Globalization;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>A text is longer than a measure takes, as its work grows with the product of both lengths.</summary>
/// <param name="length">Its length.</param>
/// <param name="most">The most that the measure takes.</param>
internal sealed class TextTooLongException(int length, int most)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"The text has {length} units; expected at most {most}."));
