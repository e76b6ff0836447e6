using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>What a request asks, whichever provider's protocol it speaks.</summary>
internal sealed record FakeQuestion
{
    /// <summary>Whether the history holds the result of a tool.</summary>
    public bool HasToolResult { get; private init; }

    public bool HasTools { get; private init; }

    /// <summary>Whether the answer must be JSON, with a schema or without.</summary>
    public bool WantsJson { get; private init; }

    /// <summary>All texts of the user, one per line.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Reads a request by the protocol of its path; OpenAI's is the last resort.</summary>
    public static FakeQuestion Of(ReceivedRequest request) => request.Path switch
    {
        var path when path.EndsWith("enerateContent", StringComparison.Ordinal) => OfGemini(request.Json),
        var path when path.EndsWith("/v1/messages", StringComparison.Ordinal) => OfAnthropic(request.Json),
        var path when path.EndsWith("/api/chat", StringComparison.Ordinal) => OfOllama(request.Json),
        _ => OfOpenAI(request.Json),
    };

    private static FakeQuestion OfOpenAI(JsonElement json) => OfMessages(json) with
    {
        WantsJson = json.At("response_format").TextAt("type") is not (null or "text"),
    };

    private static FakeQuestion OfOllama(JsonElement json) => OfMessages(json) with { WantsJson = json.Has("format") };

    private static FakeQuestion OfMessages(JsonElement json)
    {
        IReadOnlyList<JsonElement> messages = json.ListAt("messages");
        return new()
        {
            HasToolResult = messages.Any(message => message.TextAt("role") == "tool"),
            HasTools = json.ListAt("tools").Count > 0,
            Text = Joined(messages.Where(IsUser).SelectMany(Texts)),
        };
    }

    private static FakeQuestion OfAnthropic(JsonElement json)
    {
        JsonElement[] asked = [.. json.ListAt("messages").Where(IsUser)];
        return new()
        {
            HasToolResult = asked.SelectMany(message => message.ListAt("content")).Any(block => block.TextAt("type") == "tool_result"),
            HasTools = json.ListAt("tools").Count > 0,
            WantsJson = json.At("output_config").Has("format") || json.Has("output_format"),
            Text = Joined(asked.SelectMany(Texts)),
        };
    }

    private static FakeQuestion OfGemini(JsonElement json)
    {
        JsonElement[] parts = [.. json.ListAt("contents")
            .Where(content => content.TextAt("role") is null or "user")
            .SelectMany(content => content.ListAt("parts"))];
        return new()
        {
            HasToolResult = parts.Any(part => part.Has("functionResponse")),
            HasTools = json.ListAt("tools").Any(tool => tool.ListAt("functionDeclarations").Count > 0),
            WantsJson = json.At("generationConfig").TextAt("responseMimeType") == "application/json",
            Text = Joined(parts.Select(part => part.TextAt("text"))),
        };
    }

    private static bool IsUser(JsonElement message) => message.TextAt("role") == "user";

    private static IEnumerable<string?> Texts(JsonElement message) =>
        [message.TextAt("content"), .. message.ListAt("content").Select(part => part.TextAt("text"))];

    private static string Joined(IEnumerable<string?> texts) => string.Join('\n', texts.OfType<string>());
}
