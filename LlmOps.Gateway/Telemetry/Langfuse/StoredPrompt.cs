using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>A version of a prompt as Langfuse has it.</summary>
/// <param name="Version">Langfuse's own number for it.</param>
/// <param name="Hash">The hash of its content here, as of its push; null where it was made by other means.</param>
/// <param name="Labels">The labels that name it.</param>
internal sealed record StoredPrompt(int Version, string? Hash, IReadOnlyList<string> Labels)
{
    /// <summary>The member of its configuration that has the hash.</summary>
    public const string HashName = "llmops_hash";

    /// <summary>Reads one.</summary>
    /// <exception cref="SinkException">It is none.</exception>
    public static StoredPrompt Of(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number))
        {
            throw new SinkException("Langfuse answers what is no prompt: it has no version.");
        }

        var hash = json.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty(HashName, out var told) && told.ValueKind == JsonValueKind.String
            ? told.GetString()
            : null;
        return new StoredPrompt(number, hash, json.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Array ? [.. labels.EnumerateArray().Select(label => label.ToString())] : []);
    }
}
