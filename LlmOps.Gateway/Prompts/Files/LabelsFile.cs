using LlmOps.Gateway.Prompts.Labels;

namespace LlmOps.Gateway.Prompts.Files;

/// <summary>Reads prompts/NAME/labels.yaml: a version for each label.</summary>
internal static class LabelsFile
{
    /// <summary>Reads one.</summary>
    /// <returns>The labels, with the lines that they stand in.</returns>
    /// <exception cref="PromptFileException">A name or a version is none; with the line.</exception>
    public static IReadOnlyDictionary<string, (int Version, int? Line)> Read(string text) => YamlText.Read(text, yaml =>
    {
        Dictionary<string, (int, int?)> labels = [];
        foreach (var member in yaml.Body.Root.EnumerateObject())
        {
            var line = yaml.LineOf(member.Name);
            if (!LabelName.IsValid(member.Name))
            {
                throw new PromptFileException(line, $"'{member.Name}' cannot be a label; expected {LabelName.Form}.");
            }

            labels[member.Name] = (VersionName.Parse(yaml.Body.Text(member.Value, VersionName.Form)) ?? throw yaml.Body.Invalid(member.Value, VersionName.Form), line);
        }

        return labels;
    });
}
