using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>Langfuse's registry of prompts: each POST is a new version, a label names one version only, and one that names none is a 404.</summary>
internal sealed partial class FakeLangfusePrompts
{
    private const string Latest = "latest";

    private readonly List<JsonObject> _versions = [];

    /// <summary>The versions of a prompt, as they were sent, with their number and labels.</summary>
    public IReadOnlyList<JsonObject> Of(string name) => [.. _versions.Where(version => (string?)version["name"] == name)];

    /// <summary>The labels of a version.</summary>
    public IReadOnlyList<string> Labels(string name, int version) => LabelsOf(Of(name).Single(each => (int)each["version"]! == version));

    public FakeReply Find(string name, ReceivedRequest request)
    {
        var label = request.Query.TryGetValue("label", out var asked) ? asked.ToString() : null;
        var version = request.Query.TryGetValue("version", out var number) ? number.ToString() : null;
        if (label is not null && version is not null)
        {
            return FakeLangfuse.Error(400, "InvalidRequestError", "Cannot specify both version and label");
        }

        var found = Of(Uri.UnescapeDataString(name)).LastOrDefault(each => version is null ? LabelsOf(each).Contains(label ?? "production") : each["version"]!.ToString() == version);
        return found is null ? NotFound() : FakeReply.Json(200, AnswerJson.Line(found));
    }

    public FakeReply Create(JsonElement body)
    {
        var labels = body.ListAt("labels").Select(label => label.ToString()).ToArray();
        if (body.TextAt("name") is not { } name || body.TextAt("type") != "chat" || body.ListAt("prompt").Any(message => message.TextAt("role") is null || message.TextAt("content") is null))
        {
            return FakeLangfuse.Error(400, "InvalidRequestError", "Invalid request data");
        }

        if (labels.FirstOrDefault(label => !Label().IsMatch(label) || label == Latest) is { } wrong)
        {
            return FakeLangfuse.Error(400, "InvalidRequestError", $"Label '{wrong}' is not valid");
        }

        var made = JsonObject.Create(body)!;
        made["version"] = Of(name).Count + 1;
        made["labels"] = new JsonArray();
        _versions.Add(made);
        Name(name, made, [.. labels, Latest]);
        return FakeReply.Json(201, AnswerJson.Line(made));
    }

    public FakeReply Move(string name, string version, JsonElement body)
    {
        var (prompt, number) = (Uri.UnescapeDataString(name), int.Parse(version, CultureInfo.InvariantCulture));
        if (Of(prompt).FirstOrDefault(each => (int)each["version"]! == number) is not { } found)
        {
            return NotFound();
        }

        Name(prompt, found, [.. body.ListAt("newLabels").Select(label => label.ToString())]);
        return FakeReply.Json(200, AnswerJson.Line(found));
    }

    // A label leaves the version that it named.
    private void Name(string name, JsonObject named, string[] labels)
    {
        foreach (var version in Of(name))
        {
            var kept = LabelsOf(version).Except(labels);
            version["labels"] = new JsonArray([.. (version == named ? kept.Concat(labels) : kept).Select(label => JsonValue.Create(label))]);
        }
    }

    private static List<string> LabelsOf(JsonObject version) => [.. version["labels"]!.AsArray().Select(label => label!.ToString())];

    private static FakeReply NotFound() => FakeLangfuse.Error(404, "LangfuseNotFoundError", "Prompt not found");

    [GeneratedRegex(@"^[a-z0-9_.-]{1,36}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
