using System.Globalization;
using System.Text;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>The result of an MCP tool as a text, which is what all providers take. What is no text is named.</summary>
internal static class McpResultText
{
    /// <summary>The text of a result.</summary>
    public static string Of(CallToolResult result)
    {
        var text = new StringBuilder();
        foreach (var block in result.Content)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(Of(block));
        }

        // Servers are to say it as a text as well; those that do not are understood all the same.
        return text.Length > 0 || result.StructuredContent is not { } structured ? text.ToString() : structured.GetRawText();
    }

    private static string Of(ContentBlock block) => block switch
    {
        TextContentBlock said => said.Text,
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => $"[{resource.Uri}]\n{resource.Text}",
        EmbeddedResourceBlock { Resource: BlobResourceContents blob } => Named($"the resource {blob.Uri}", blob.MimeType, blob.DecodedData.Length),
        ResourceLinkBlock link => $"[a link to {link.Uri}: {link.Name}{(link.Description is { } description ? $", {description}" : "")}]",
        ImageContentBlock image => Named("an image", image.MimeType, image.DecodedData.Length),
        AudioContentBlock audio => Named("a sound", audio.MimeType, audio.DecodedData.Length),
        _ => $"[{block.Type}, which is not shown]",
    };

    private static string Named(string what, string? mediaType, int bytes) => string.Create(CultureInfo.InvariantCulture, $"[{what}, {mediaType ?? "of no known type"}, {bytes} bytes, which is not shown]");
}
