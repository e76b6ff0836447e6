using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Reads a request's body; its size is limited by the server.</summary>
internal static class RequestBody
{
    /// <summary>The body as JSON.</summary>
    /// <exception cref="GatewayException">It is not sent as JSON, or is not JSON.</exception>
    public static async Task<JsonBody> ReadJsonAsync(HttpContext http)
    {
        // Also keeps web pages out: a cross-origin request of this type needs a preflight, which CORS refuses.
        if (!http.Request.HasJsonContentType())
        {
            throw new GatewayException(
                ErrorCode.UnsupportedMediaType,
                $"The body is sent as {(http.Request.ContentType is { Length: > 0 } type ? $"'{type}'" : "no Content-Type")}; expected Content-Type: application/json.");
        }

        var bytes = http.Request.ContentLength is { } length and >= 0
            ? await ReadKnownAsync(http, (int)Math.Min(length, int.MaxValue))
            : await ReadUnknownAsync(http);
        return JsonBody.Parse(bytes);
    }

    // The server refuses a length over the limit at the first read, so nothing larger is allocated than may be sent.
    private static async Task<ReadOnlyMemory<byte>> ReadKnownAsync(HttpContext http, int length)
    {
        if (length > http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
        {
            throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge);
        }

        var bytes = new byte[length];
        await http.Request.Body.ReadExactlyAsync(bytes, http.RequestAborted);
        return bytes;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadUnknownAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
