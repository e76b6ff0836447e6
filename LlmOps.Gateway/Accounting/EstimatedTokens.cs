using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Accounting;

/// <summary>
/// Tokens where no provider counts them: one for four bytes of UTF-8, rounded up. In English a token is four characters on
/// average; in other scripts a character is two or three bytes, and about a token. No tokenizer: each model has its own,
/// and they cost more time than a request has.
/// </summary>
internal static class EstimatedTokens
{
    /// <summary>
    /// Output tokens a second of an answer that nobody has seen: what was generated until the call was given up is billed, and
    /// not known. Few hosted models are faster.
    /// </summary>
    public const long PerSecond = 200;

    private const int BytesPerToken = 4;

    /// <summary>Tokens of so many bytes of text.</summary>
    public static long Of(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;

    /// <summary>Bytes that a model has written: text, reasoning, and the arguments of tool calls.</summary>
    /// <param name="contents">What it has written.</param>
    /// <param name="ofStream">Whether the calls came in pieces before, and are not to be counted again as a whole.</param>
    public static long BytesOf(IList<AIContent> contents, bool ofStream)
    {
        var bytes = 0L;
        for (var index = 0; index < contents.Count; index++)
        {
            bytes += BytesOf(contents[index], ofStream);
        }

        return bytes;
    }

    private static long BytesOf(AIContent content, bool ofStream) => content switch
    {
        TextContent text => Encoding.UTF8.GetByteCount(text.Text),
        TextReasoningContent reasoning => Encoding.UTF8.GetByteCount(reasoning.Text),
        ToolCallDelta delta => Encoding.UTF8.GetByteCount(delta.Arguments) + Encoding.UTF8.GetByteCount(delta.Name ?? ""),
        FunctionCallContent call when !ofStream => Encoding.UTF8.GetByteCount(call.Name) + (call.Arguments is { } arguments ? JsonSerializer.SerializeToUtf8Bytes(arguments, AIJsonUtilities.DefaultOptions).Length : 0),
        _ => 0,
    };
}
