using LlmOps.Gateway.Providers.Offline.Language;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>
/// A deterministic stand-in for a tokenizer: short words and punctuation marks are a token each, long words one per four
/// characters, ideographs and emoji one each. Whitespace belongs to what follows it. Close to, but not, any vendor's count.
/// </summary>
internal static class OfflineTokenizer
{
    /// <summary>What an image counts, in tokens.</summary>
    public const int ImageTokens = 85;

    /// <summary>What a message costs besides its contents, in tokens.</summary>
    public const int MessageTokens = 4;

    /// <summary>Longest word that is one token, in UTF-16 units.</summary>
    private const int WholeWord = 6;

    /// <summary>Length of the pieces of longer words, in UTF-16 units.</summary>
    private const int PieceLength = 4;

    /// <summary>Tokens of a text.</summary>
    public static int Count(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            i = NextEnd(text, i);
        }

        return count;
    }

    /// <summary>Tokens of a message with everything in it.</summary>
    public static int Count(ChatMessage message) => MessageTokens + message.Contents.Sum(Count);

    /// <summary>Tokens of one content; what is neither text, call nor result counts as an image.</summary>
    public static int Count(AIContent content) => content switch
    {
        TextContent text => Count(text.Text),
        TextReasoningContent reasoning => Count(reasoning.Text),
        FunctionCallContent call => Count(call.Name) + Count(ToolValues.ToText(call.Arguments)),
        FunctionResultContent result => Count(ToolValues.ToText(result.Result)),
        UsageContent => 0,
        _ => ImageTokens,
    };

    /// <summary>The longest start of <paramref name="text"/> of at most <paramref name="maxTokens"/> tokens.</summary>
    public static string Cut(string text, int maxTokens)
    {
        int end = 0;
        for (int count = 0; count < maxTokens && end < text.Length; count++)
        {
            end = NextEnd(text, end);
        }

        return text[..end];
    }

    private static int NextEnd(string text, int start)
    {
        int i = start;
        while (i < text.Length && char.IsWhiteSpace(text[i]))
        {
            i++;
        }

        if (i == text.Length)
        {
            return i;
        }

        if (!Words.IsPart(text[i]) || Words.IsIdeograph(text[i]))
        {
            return i + (char.IsSurrogatePair(text, i) ? 2 : 1);
        }

        // What follows a piece of a word is another piece of it.
        int limit = i == start && i > 0 && InWord(text, i - 1) ? PieceLength : WholeWord;
        int end = i;
        while (end < text.Length && InWord(text, end) && end - i <= limit)
        {
            end++;
        }

        return end - i > limit ? i + PieceLength : end;
    }

    private static bool InWord(string text, int index) => Words.IsPart(text[index]) && !Words.IsIdeograph(text[index]);
}
