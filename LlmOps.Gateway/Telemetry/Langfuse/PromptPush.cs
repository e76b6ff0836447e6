using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>
/// Has Langfuse's registry have the versions of prompts, and their labels name the same. Each version is found again by a label of its
/// own, v3, and by the hash of its content in its configuration.
/// </summary>
/// <param name="api">Langfuse.</param>
/// <param name="server">Its version.</param>
/// <param name="told">Where each version's line goes.</param>
internal sealed class PromptPush(LangfuseApi api, LangfuseVersion server, TextWriter told)
{
    /// <summary>Pushes all versions that are not there, the oldest first, so that numbers agree.</summary>
    /// <exception cref="SinkException">Langfuse cannot be reached.</exception>
    /// <exception cref="BatchRefusedException">It does not take one; what came before is there.</exception>
    public async Task RunAsync(PromptFolderContent content)
    {
        foreach (var prompt in content.Prompts.Values.OrderBy(prompt => prompt.Name, StringComparer.Ordinal))
        {
            foreach (var version in prompt.Versions.Values.OrderBy(version => version.Number))
            {
                var labels = prompt.Labels?.Where(label => label.Value.Version == version.Number).Select(label => label.Key).Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
                await told.WriteLineAsync($"{prompt.Name} {version.Name}: {await TryPushAsync(version, [version.Name, .. labels])}");
            }
        }
    }

    private async Task<string> TryPushAsync(PromptVersion version, string[] labels)
    {
        try
        {
            return await PushAsync(version, labels);
        }
        catch (BatchRefusedException exception)
        {
            throw new BatchRefusedException($"{version.Prompt} {version.Name} is refused: {exception.Message}");
        }
    }

    private async Task<string> PushAsync(PromptVersion version, string[] labels)
    {
        if (await api.FindPromptAsync(version.Prompt, version.Name, default) is not { } found)
        {
            return $"pushed{Named(labels)}{Number(version, await CreateAsync(version, labels))}";
        }

        if (found.Hash != version.ContentHash)
        {
            return $"pushed again, as its text is another now{Named(labels)}{Number(version, await CreateAsync(version, labels))}";
        }

        var missing = labels.Except(found.Labels).ToArray();
        if (missing.Length == 0)
        {
            return $"unchanged{Number(version, found)}";
        }

        if (!server.IsModern)
        {
            // Only a new version has labels there.
            return $"pushed again, as Langfuse {server} moves labels by nothing else{Named(labels)}{Number(version, await CreateAsync(version, labels))}";
        }

        await api.MoveLabelsAsync(version.Prompt, found.Version, LangfuseJson.Object(json => json.WriteTexts("newLabels", labels)), default);
        return $"unchanged, {string.Join(", ", missing)} moved to it{Number(version, found)}";
    }

    private Task<StoredPrompt> CreateAsync(PromptVersion version, string[] labels) => api.CreatePromptAsync(
        LangfuseJson.Object(json =>
        {
            json.WriteString("name", version.Prompt);
            json.WriteString("type", "chat");
            json.WriteStartArray("prompt");
            foreach (var message in version.Messages)
            {
                json.WriteMessage(message.Role.Value, message.Content.Source);
            }

            json.WriteEndArray();
            json.WriteStartObject("config");
            json.WriteString("llmops_version", version.Name);
            json.WriteString(StoredPrompt.HashName, version.ContentHash);
            json.WriteKnown("model", version.Model);
            foreach (var (name, value) in version.Parameters.Json)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteTexts("labels", labels);
            json.WriteTexts("tags", ["llmops"]);
            if (server.IsModern)
            {
                json.WriteString("commitMessage", version.Description ?? $"{version.Name} of the prompts folder");
            }
        }),
        default);

    // Its own label is no news.
    private static string Named(string[] labels) => labels.Length > 1 ? $", {string.Join(", ", labels.Skip(1))}" : "";

    private static string Number(PromptVersion version, StoredPrompt stored) =>
        stored.Version == version.Number ? "" : FormattableString.Invariant($" (version {stored.Version} in Langfuse: the numbers differ)");
}
