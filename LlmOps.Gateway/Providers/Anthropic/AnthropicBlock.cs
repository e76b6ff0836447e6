using System.Text;
using System.Text.Json;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>A content block of a stream while its deltas come.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Id of a tool call.</param>
/// <param name="Name">Name of a tool.</param>
/// <param name="Position">Position of a tool call among the answer's calls.</param>
internal sealed record AnthropicBlock(string Type, string Id, string Name, int Position)
{
    /// <summary>Arguments of a tool call, or thoughts.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>Signature of thoughts.</summary>
    public StringBuilder Signature { get; } = new();

    /// <summary>Writes the block as a whole message has it.</summary>
    public void WriteThinking(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", Type);
        json.WriteString("thinking", Text.ToString());
        json.WriteString("signature", Signature.ToString());
        json.WriteEndObject();
    }
}
