using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>What Langfuse's code wants of an ingestion event, whatever its published schema says.</summary>
internal static partial class LangfuseEventCheck
{
    private static readonly string[] Types = ["trace-create", "span-create", "span-update", "generation-create", "generation-update", "event-create", "score-create", "sdk-log"];
    private static readonly string[] Dates = ["timestamp", "startTime", "endTime", "completionStartTime"];
    private static readonly string[] Texts = ["id", "traceId", "name", "userId", "sessionId", "parentObservationId", "model", "statusMessage", "promptName", "comment"];
    private static readonly string[] Units = ["TOKENS", "CHARACTERS", "MILLISECONDS", "SECONDS", "IMAGES", "REQUESTS"];
    private static readonly string[] Levels = ["DEBUG", "DEFAULT", "WARNING", "ERROR"];

    /// <summary>Why it is refused; null where it is taken.</summary>
    /// <param name="sent">The event.</param>
    /// <param name="major">The server's version.</param>
    public static string? Fault(JsonElement sent, int major)
    {
        var (type, body) = (sent.TextAt("type"), sent.At("body"));
        if (sent.TextAt("id") is null || !Types.Contains(type) || body.ValueKind != JsonValueKind.Object)
        {
            return "id, type or body is none";
        }

        if (major >= 4 && type is not ("score-create" or "sdk-log"))
        {
            return $"{type} is not supported in events_only mode";
        }

        if (!IsDate(sent.At("timestamp")))
        {
            return "timestamp is no date with an offset";
        }

        return Dates.FirstOrDefault(date => body.Has(date) && !IsDate(body.At(date))) is { } wrong ? $"{wrong} is no date with an offset"
            : Texts.FirstOrDefault(text => body.Has(text) && body.TextAt(text) is null) is { } none ? $"{none} is no text"
            : body.Has("level") && !Levels.Contains(body.TextAt("level")) ? "level is none"
            : body.Has("tags") && body.ListAt("tags").Any(tag => tag.ValueKind != JsonValueKind.String) ? "tags are no texts"
            : type switch { "generation-create" => Generation(body, major), "score-create" => Score(body, major), _ => null };
    }

    private static string? Generation(JsonElement body, int major)
    {
        var usage = body.At("usage");
        return body.Has("promptName") != body.Has("promptVersion") ? "promptName and promptVersion are not both there"
            : body.Has("promptVersion") && !IsWhole(body.At("promptVersion")) ? "promptVersion is no integer"
            : new[] { "input", "output", "total" }.Any(name => usage.Has(name) && !IsWhole(usage.At(name))) ? "usage has a number that is no integer"
            : usage.Has("unit") && !Units.Contains(usage.TextAt("unit")) ? "usage has no such unit"
            : new[] { "promptTokens", "completionTokens", "totalTokens" }.Any(name => usage.Has(name)) ? "usage is in OpenAI's form, which drops costs"
            : major < 3 && (body.Has("usageDetails") || body.Has("costDetails") || body.Has("environment")) ? "a field would be dropped without a word"
            : null;
    }

    private static string? Score(JsonElement body, int major) =>
        body.TextAt("name") is null || (major < 3 && body.TextAt("traceId") is null) ? "name or traceId is missing"
        : body.NumberAt("value") is null && body.TextAt("value") is null ? "value is none"
        : body.TextAt("dataType") is "NUMERIC" && body.NumberAt("value") is null ? "value is not of its dataType"
        : body.TextAt("dataType") is "BOOLEAN" && body.NumberAt("value") is not (0 or 1) ? "value is no BOOLEAN"
        : null;

    private static bool IsWhole(JsonElement number) => number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out _);

    private static bool IsDate(JsonElement date) => date.ValueKind == JsonValueKind.String && Date().IsMatch(date.GetString()!);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Date();
}
