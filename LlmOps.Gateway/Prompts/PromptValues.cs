using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts;

/// <summary>The values that a request gives a prompt's variables.</summary>
internal static class PromptValues
{
    /// <summary>Reads them, with the defaults of those that are not given.</summary>
    /// <param name="version">The version.</param>
    /// <param name="given">An object of names and values; null for none.</param>
    /// <param name="field">The object's path in the request, for messages.</param>
    /// <exception cref="GatewayException">400: some are missing, not known, too long, or no text; the message names them all.</exception>
    public static IReadOnlyDictionary<string, string> Read(PromptVersion version, JsonElement? given, string field)
    {
        Dictionary<string, string> values = [];
        List<(string Name, string Fault, bool IsMissing)> faults = [];
        foreach (var variable in version.Variables)
        {
            var value = given is { } all && all.TryGetProperty(variable.Name, out var told) && told.ValueKind != JsonValueKind.Null ? told : (JsonElement?)null;
            switch (value is { } element ? VariableValue.Of(element) : variable.Default)
            {
                case null when value is not null:
                    faults.Add((variable.Name, "is no text; expected a string, a number, true or false", false));
                    break;
                case null:
                    faults.Add((variable.Name, $"is missing; expected {variable.Description?.TrimEnd('.') ?? "a text"}", true));
                    break;
                case var text when variable.IsRequired && string.IsNullOrWhiteSpace(text):
                    faults.Add((variable.Name, "is empty; expected a text", false));
                    break;
                case var text when text.Length > variable.MaxLength:
                    faults.Add((variable.Name, $"has {text.Length} characters; expected at most {variable.MaxLength}", false));
                    break;
                case var text:
                    values[variable.Name] = text;
                    break;
            }
        }

        foreach (var unknown in given?.EnumerateObject().Where(member => version.Variables.All(variable => variable.Name != member.Name)) ?? [])
        {
            faults.Add((Shown.Short(unknown.Name), version.Variables.Count == 0 ? "is not known; the prompt has no variables" : $"is not known; expected {string.Join(", ", version.Variables.Select(variable => variable.Name))}", false));
        }

        return faults.Count == 0
            ? values
            : throw new GatewayException(
                faults[0].IsMissing ? ErrorCode.MissingParameter : ErrorCode.InvalidValue,
                string.Concat(string.Join(". ", faults.Select(fault => $"{field}.{fault.Name} {fault.Fault}")), $" (prompt {version.Prompt}@{version.Name})."),
                $"{field}.{faults[0].Name}");
    }
}
