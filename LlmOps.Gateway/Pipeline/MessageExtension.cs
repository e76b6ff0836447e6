using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// A field of a message that is not OpenAI's: what a provider tells besides its answer and, in the next turn, may want
/// back unchanged, such as Anthropic's thinking blocks.
/// </summary>
internal sealed class MessageExtension(string field, JsonElement value) : AIContent
{
    /// <summary>Anthropic's thinking blocks: a list of <c>{type, thinking, signature}</c> and <c>{type, data}</c>.</summary>
    public const string ThinkingBlocks = "thinking_blocks";

    /// <summary>The field of Google's own OpenAI-compatible API: <c>{"google": {…}}</c>.</summary>
    public const string ExtraContent = "extra_content";

    /// <summary>Name of the field.</summary>
    public string Field { get; } = field;

    /// <summary>Its value.</summary>
    public JsonElement Value { get; } = value;
}
