namespace LlmOps.Gateway.Pipeline;

/// <summary>Names under which contents carry what Microsoft.Extensions.AI has no property for.</summary>
internal static class MessageProperties
{
    /// <summary>OpenAI's <c>image_url.detail</c>: auto, low or high.</summary>
    public const string ImageDetail = "detail";
}
