using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Accounting;

/// <summary>How large a request is, as far as its tokens and its price depend on that.</summary>
/// <param name="TextBytes">Bytes of its body without the images, sounds and files in it: no token is less than a byte.</param>
internal readonly record struct RequestSize(long TextBytes)
{
    /// <summary>The most tokens that a provider counts for an image: gpt-4o-mini up to 48,169, most others a few thousand.</summary>
    public const long ImageTokens = 50_000;

    /// <summary>The most for a file, a sound or a film: Gemini's 258 for each of a thousand pages, and hours of sound.</summary>
    public const long FileTokens = 260_000;

    /// <summary>What providers add to the caller's text: roles, separators.</summary>
    public const long FrameTokens = 64;

    /// <summary>What they add where there are tools: Anthropic's instructions have up to 804 tokens.</summary>
    public const long ToolTokens = 1024;

    /// <summary>Web searches that one answer makes at most; where they are made, their results fill up to the whole context window.</summary>
    public const long MostSearches = 20;

    // What an image or a file has where the count is only estimated.
    private const long UsualMediaTokens = 1_000;

    /// <summary>Images in it.</summary>
    public int Images { get; init; }

    /// <summary>Files, sounds and films in it.</summary>
    public int Files { get; init; }

    /// <summary>Whether it asks for embeddings, which have no output tokens.</summary>
    public bool EmbedsOnly { get; init; }

    /// <summary>Answers that are asked for at once.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Whether it has tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>Whether the provider may search the web, or has other tools of its own.</summary>
    public bool MaySearch { get; init; }

    /// <summary>About as many input tokens as it has.</summary>
    public long UsualTokens => EstimatedTokens.Of(TextBytes) + ((Images + Files) * UsualMediaTokens);

    /// <summary>Never fewer than the input tokens that a provider counts.</summary>
    /// <param name="contextWindow">More than this many no model takes at once; null where it is not known. Of embeddings it holds for each text, not for the request.</param>
    public long MostTokens(long? contextWindow)
    {
        var tokens = TextBytes + FrameTokens + (Images * ImageTokens) + (Files * FileTokens) + (HasTools ? ToolTokens : 0);
        return contextWindow is { } window && !EmbedsOnly && (MaySearch || tokens > window) ? window : tokens;
    }

    /// <summary>The size of a body. A plain one, of roles and texts, is not looked into.</summary>
    public static RequestSize Of(JsonBody body)
    {
        var size = new RequestSize(body.Bytes.Length);
        return body.HasDocument ? size.With(body.Root) : size;
    }

    private RequestSize With(JsonElement root)
    {
        var size = this;
        if (root.TryGetProperty("messages"u8, out var messages) && messages.ValueKind == JsonValueKind.Array)
        {
            foreach (var message in messages.EnumerateArray())
            {
                if (message.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Array)
                {
                    foreach (var part in content.EnumerateArray())
                    {
                        size = size.WithPart(part);
                    }
                }
            }
        }

        var tools = root.TryGetProperty("tools"u8, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0;
        return size with
        {
            Choices = root.TryGetProperty("n"u8, out var choices) && choices.ValueKind == JsonValueKind.Number && choices.TryGetInt32(out var count) && count > 0 ? count : 1,
            HasTools = tools || root.TryGetProperty("functions"u8, out _),
            MaySearch = (tools && HasOwnTool(list)) || root.TryGetProperty("web_search_options"u8, out _) || root.TryGetProperty("plugins"u8, out _),
        };
    }

    private RequestSize WithPart(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type"u8, out var type) || type.ValueKind != JsonValueKind.String || IsText(type))
        {
            return this;
        }

        var isImage = type.ValueEquals("image_url"u8);
        return this with
        {
            TextBytes = TextBytes - JsonMarshal.GetRawUtf8Value(part).Length,
            Images = Images + (isImage ? 1 : 0),
            Files = Files + (isImage ? 0 : 1),
        };
    }

    private static bool IsText(JsonElement type) => type.ValueEquals("text"u8) || type.ValueEquals("refusal"u8) || type.ValueEquals("thinking"u8);

    // One that is no function of the caller's.
    private static bool HasOwnTool(JsonElement tools)
    {
        foreach (var tool in tools.EnumerateArray())
        {
            if (!tool.TryGetProperty("function"u8, out _))
            {
                return true;
            }
        }

        return false;
    }
}
