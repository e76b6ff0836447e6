using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Gateway.Prompts;

/// <summary>Which prompt a request was made from, and in which version: an answer belongs to it alone.</summary>
/// <param name="Name">The prompt.</param>
/// <param name="Version">Its version: v2.</param>
/// <param name="ContentHash">What that version says.</param>
internal sealed record PromptIdentity(string Name, string Version, string ContentHash)
{
    /// <summary>The variant of an experiment that the request sees; null for none. It is no part of what an answer belongs to.</summary>
    public Exposure? Exposure { get; init; }

    /// <summary>The gateway's tools that its model may be offered, with * at the end for all that begin so; a part of what that version says.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];
}
