using System.Text;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Commands;

/// <summary>Moves a label in prompts/NAME/labels.yaml, and leaves everything else in it as it is.</summary>
internal static class LabelsEdit
{
    private const string FileName = "labels.yaml";

    /// <summary>Moves it.</summary>
    /// <param name="folder">The prompts folder.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="label">The label; a new one is added.</param>
    /// <param name="named">The version: v2.</param>
    /// <returns>The version.</returns>
    /// <exception cref="BadInputException">There is no such version, or the file cannot be taken.</exception>
    public static string Move(string folder, string prompt, string label, string named)
    {
        var path = Path.Combine(folder, prompt, FileName);
        if (VersionName.Parse(named) is not { } version || !File.Exists(Path.Combine(folder, prompt, $"{VersionName.Of(version)}.yaml")))
        {
            throw new BadInputException($"Prompt {prompt} has no version '{named}' in {folder}; expected one such as {VersionName.Of(1)}.");
        }

        try
        {
            var text = File.Exists(path) ? File.ReadAllText(path) : "";
            var moved = With(text, label, VersionName.Of(version));

            // As the gateway will read it; whole at every moment, as it may read at any.
            LabelsFile.Read(moved);
            var whole = $"{path}.new";
            File.WriteAllText(whole, moved, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(whole, path, overwrite: true);
            return VersionName.Of(version);
        }
        catch (PromptFileException exception)
        {
            throw new BadInputException($"{path}{(exception.Line is { } line ? $":{line}" : "")}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be written: {exception.Message}");
        }
    }

    private static string With(string text, string label, string version)
    {
        var line = new Regex($"^(?<name>(['\"]?){Regex.Escape(label)}\\1\\s*:)[ \\t]*(?<version>[^#\\r\\n]*?)(?<rest>[ \\t]*(#[^\\r\\n]*)?)(?=\\r?$)", RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return line.IsMatch(text) ? line.Replace(text, $"${{name}} {version}${{rest}}", 1)
            : text.Length == 0 || text.EndsWith('\n') ? $"{text}{label}: {version}\n"
            : $"{text}\n{label}: {version}\n";
    }
}
