using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>Cases and answers as judges read them.</summary>
internal static class JudgedText
{
    /// <summary>What was asked: the task, where it is told, and the values of the case's variables.</summary>
    // Not the rendered prompt: each version has instructions of its own, and one that asks for less would be judged by less. What is the
    // same for all is what the person gave. It is shorter too, and asks the gateway for nothing. What the values are for, a judge learns from
    // the setting "task".
    public static string Question(EvaluationCase asked, string? task)
    {
        var blocks = asked.Variables.Select(variable => $"{variable.Key}:\n{variable.Value}");
        var all = string.Join("\n\n", task is null ? blocks : blocks.Prepend(task));
        return Filled(all, "(Nothing was given.)");
    }

    /// <summary>What was answered: the text, and the functions that were called.</summary>
    public static string Answer(Answer answer) =>
        Filled(string.Join('\n', answer.ToolCalls.Select(call => $"Calls {call.Name} with {call.Arguments}").Prepend(answer.Text)), "(The answer is empty.)");

    // A prompt takes no empty value of what it requires; an empty answer is judged like others.
    private static string Filled(string text, string otherwise) => string.IsNullOrWhiteSpace(text) ? otherwise : text.Trim();
}
