using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Prompts;

/// <summary>One version of a prompt, as its file says it; immutable.</summary>
internal sealed record PromptVersion
{
    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>The version: 3 for v3.</summary>
    public required int Number { get; init; }

    /// <summary>What it is, for people; null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>The model that it is for; null for the default one.</summary>
    public string? Model { get; init; }

    /// <summary>What it asks of the model besides its words.</summary>
    public required PromptParameters Parameters { get; init; }

    /// <summary>The gateway's tools that its model may be offered, with * at the end for all that begin so.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>What it takes values of.</summary>
    public required IReadOnlyList<PromptVariable> Variables { get; init; }

    /// <summary>What it says.</summary>
    public required IReadOnlyList<PromptMessage> Messages { get; init; }

    /// <summary>32 hex digits over all of it but its description: another one is another text.</summary>
    public required string ContentHash { get; init; }

    /// <summary>The version as callers write it: v3.</summary>
    public string Name => VersionName.Of(Number);

    /// <summary>What identifies it to the cache, the ledger and guardrails.</summary>
    public PromptIdentity Identity => new(Prompt, Name, ContentHash) { Tools = Tools };

    /// <summary>The conversation with values in their places.</summary>
    /// <param name="values">A value for each variable.</param>
    public List<ChatMessage> Render(IReadOnlyDictionary<string, string> values) =>
        [.. Messages.Select(message => new ChatMessage(message.Role, message.Content.Render(values)))];
}

/// <summary>A message of a prompt.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Content">What.</param>
internal sealed record PromptMessage(ChatRole Role, PromptTemplate Content);
