using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>When a stream is committed to its provider.</summary>
internal static class StreamCommit
{
    /// <summary>
    /// Whether this update must reach the caller, so that from here on nobody else can answer: text, reasoning, a tool
    /// call or other content, or the end. A role or a keep-alive commits nothing.
    /// </summary>
    public static bool Commits(this ChatResponseUpdate update)
    {
        if (update.FinishReason is not null)
        {
            return true;
        }

        foreach (var content in update.Contents)
        {
            if (content is not (UsageContent or TextContent { Text: "" } or TextReasoningContent { Text: "" }))
            {
                return true;
            }
        }

        return false;
    }
}
