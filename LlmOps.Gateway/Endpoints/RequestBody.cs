using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Reads a request's body, up to the configured size.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>The body as JSON.</summary>
    /// <exception cref="GatewayException">It is not sent as plain JSON, is too large, or is not JSON.</exception>
    public static async ValueTask<JsonBody> ReadJsonAsync(HttpContext http, GatewaySnapshot configuration)
    {
        // Also keeps web pages out: a cross-origin request of this type needs a preflight, which CORS refuses.
        if (!http.Request.HasJsonContentType())
        {
            throw new GatewayException(
                ErrorCode.UnsupportedMediaType,
                $"The body is sent {(http.Request.ContentType is { Length: > 0 } type ? $"as '{type}'" : "without a Content-Type")}; expected Content-Type: application/json.");
        }

        if (http.Request.Headers.ContentEncoding is [{ Length: > 0 } encoding])
        {
            throw new GatewayException(ErrorCode.UnsupportedMediaType, $"The body is sent with Content-Encoding: {encoding}; expected none.");
        }

        var limit = configuration.Options.Endpoints.MaxBodyBytes;
        if (http.Request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        return JsonBody.Parse(await ReadAsync(http, limit));
    }

    // Memory is taken as bytes arrive, not on the word of a Content-Length.
    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, long limit)
    {
        var told = http.Request.ContentLength;
        var bytes = new byte[Math.Min(told ?? FirstBuffer, FirstBuffer)];
        var length = 0;
        while (length != told)
        {
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }

            var read = await http.Request.Body.ReadAsync(bytes.AsMemory(length), http.RequestAborted);
            if (read == 0)
            {
                break;
            }

            length += read;
            if (length > limit)
            {
                throw TooLarge(limit);
            }
        }

        return bytes.AsMemory(0, length);
    }

    private static GatewayException TooLarge(long limit) =>
        new(ErrorCode.RequestTooLarge, $"The body is larger than the {limit} bytes that this gateway accepts (Gateway:Endpoints:MaxBodyBytes).");
}
