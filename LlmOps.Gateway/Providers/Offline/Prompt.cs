using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>A conversation as the skills see it. All texts are valid UTF-16.</summary>
internal sealed class Prompt
{
    private Prompt(IReadOnlyList<ChatMessage> messages, string? instructions)
    {
        int last = Enumerable.Range(0, messages.Count).LastOrDefault(i => messages[i].Role == ChatRole.User, -1);
        System = string.Join("\n\n", messages.Where(IsSystem).Select(TextOf).Prepend(Valid(instructions ?? "")).Where(text => text.Length > 0));
        User = last < 0 ? "" : TextOf(messages[last]);
        Images = last < 0 ? 0 : messages[last].Contents.Count(IsImage);
        Earlier = messages.Take(Math.Max(0, last)).Where(message => !IsSystem(message)).Select(TextOf).Where(text => text.Length > 0).ToList();
        ToolResults = ResultsOf(messages);
        InputTokens = messages.Sum(message => (long)OfflineTokenizer.Count(message))
            + (string.IsNullOrEmpty(instructions) ? 0 : OfflineTokenizer.MessageTokens + OfflineTokenizer.Count(instructions));
        Hash = HashOf(messages, System);
    }

    /// <summary>Everything the system and developer messages say.</summary>
    public string System { get; }

    /// <summary>The last user message; empty if there is none.</summary>
    public string User { get; }

    /// <summary>How many images the last user message has.</summary>
    public int Images { get; }

    /// <summary>Texts of the user and the assistant before the last user message, oldest first.</summary>
    public IReadOnlyList<string> Earlier { get; }

    /// <summary>Results of tools that the conversation ends with; empty if it ends otherwise.</summary>
    public IReadOnlyList<(string Name, string Result)> ToolResults { get; }

    /// <summary>Tokens of the conversation.</summary>
    public long InputTokens { get; }

    /// <summary>Identifies the conversation: 24 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Reads a conversation.</summary>
    public static Prompt Read(IEnumerable<ChatMessage> messages, ChatOptions? options) => new([.. messages], options?.Instructions);

    private static bool IsSystem(ChatMessage message) => message.Role == ChatRole.System || message.Role.Value.Equals("developer", StringComparison.OrdinalIgnoreCase);

    private static bool IsImage(AIContent content) => content switch
    {
        DataContent data => data.HasTopLevelMediaType("image"),
        UriContent uri => uri.HasTopLevelMediaType("image"),
        _ => false,
    };

    private static string TextOf(ChatMessage message) => Valid(string.Join('\n', message.Contents.OfType<TextContent>().Select(content => content.Text)));

    // A lone surrogate cannot be written as UTF-8 or JSON; encoding replaces it.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal)));

    private static List<(string, string)> ResultsOf(IReadOnlyList<ChatMessage> messages)
    {
        var names = messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToLookup(call => call.CallId, call => call.Name, StringComparer.Ordinal);
        return messages.Reverse()
            .TakeWhile(message => message.Contents.Any(content => content is FunctionResultContent))
            .Reverse()
            .SelectMany(message => message.Contents)
            .OfType<FunctionResultContent>()
            .Select(result => (names[result.CallId].LastOrDefault() ?? "The tool", Valid(ToolValues.ToText(result.Result))))
            .ToList();
    }

    private static string HashOf(IReadOnlyList<ChatMessage> messages, string system)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(system);
        foreach (var message in messages)
        {
            Add(message.Role.Value);
            foreach (var content in message.Contents)
            {
                Add(content.GetType().Name);
                if (content is DataContent data)
                {
                    hash.AppendData(data.Data.Span);
                }

                Add(content switch
                {
                    TextContent text => text.Text,
                    UriContent uri => uri.Uri.OriginalString,
                    FunctionCallContent call => $"{call.CallId} {call.Name} {ToolValues.ToText(call.Arguments)}",
                    FunctionResultContent result => $"{result.CallId} {ToolValues.ToText(result.Result)}",
                    _ => "",
                });
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..24];

        // The terminator keeps "ab" + "c" apart from "a" + "bc".
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
    }
}
