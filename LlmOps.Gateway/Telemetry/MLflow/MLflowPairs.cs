using System.Text.Json.Nodes;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>Tags and parameters as the REST API has them.</summary>
internal static class MLflowPairs
{
    /// <summary>Most characters of a tag: it may have 5,000 bytes.</summary>
    public const int LongestTag = 1_600;

    // Values of parameters may have 6,000 characters, in older servers 500.
    private const int LongestParameter = 500;

    /// <summary>A list of them; what is longer than the most characters is cut.</summary>
    public static JsonArray Of(IEnumerable<KeyValuePair<string, string>> values, int longest = LongestParameter) =>
        new([.. values.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = pair.Value.Length > longest ? pair.Value[..longest] : pair.Value })]);
}
