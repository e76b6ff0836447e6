using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>Reads prompts/NAME/experiment.yaml.</summary>
internal static class ExperimentFile
{
    /// <summary>Reads one.</summary>
    /// <param name="prompt">The name of its folder.</param>
    /// <param name="text">What is in it.</param>
    /// <exception cref="PromptFileException">It is no experiment; with the line.</exception>
    public static ExperimentDefinition Read(string prompt, string text) => YamlText.Read(text, yaml => ExperimentDefinition.Read(yaml.Body, prompt));
}
