namespace LlmOps.Gateway.Providers;

/// <summary>Media types of images by the ending of their address.</summary>
internal static class ImageTypes
{
    /// <summary>The type; null where the ending does not tell.</summary>
    public static string? Of(Uri uri) => Path.GetExtension(uri.AbsolutePath).ToUpperInvariant() switch
    {
        ".JPG" or ".JPEG" => "image/jpeg",
        ".PNG" => "image/png",
        ".GIF" => "image/gif",
        ".WEBP" => "image/webp",
        ".HEIC" => "image/heic",
        ".HEIF" => "image/heif",
        _ => null,
    };
}
