using System.Buffers;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Reads a request's body, up to the configured size.</summary>
internal static class RequestBody
{
    private const string Form = "application/x-www-form-urlencoded";

    /// <summary>The body, which is said to be JSON.</summary>
    /// <param name="http">The request.</param>
    /// <param name="configuration">Has the largest size.</param>
    /// <param name="mayBeUntyped">Whether JSON is also taken without a type, or under the one that curl gives to all it sends.</param>
    /// <exception cref="GatewayException">It is not sent as plain JSON, or is too large.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, GatewaySnapshot configuration, bool mayBeUntyped = false)
    {
        // Also keeps web pages out: a cross-origin request of this type needs a preflight, which CORS refuses.
        if (http.Request.ContentType != "application/json" && !http.Request.HasJsonContentType()
            && !(mayBeUntyped && http.Request.ContentType is null or "" or Form))
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

        return ReadAsync(http, limit);
    }

    /// <summary>A body of a few fields. One that is left out is the same as one without fields.</summary>
    /// <param name="http">The request.</param>
    /// <param name="configuration">Has the largest size.</param>
    /// <param name="known">The fields that it may have.</param>
    /// <exception cref="GatewayException">It is no JSON object, or has other fields.</exception>
    public static async Task<JsonBody> ReadFieldsAsync(HttpContext http, GatewayConfiguration configuration, params string[] known)
    {
        var isEmpty = http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };
        var body = JsonBody.Parse(isEmpty ? "{}"u8.ToArray() : await ReadAsync(http, configuration.Current));
        body.RefuseUnknown(body.Root, known);
        return body;
    }

    // As it arrives, not on the word of a Content-Length; the whole of most requests is there at once, and copied once.
    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, long limit)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            var buffer = read.Buffer;
            if (buffer.Length > limit)
            {
                // The server passes over the rest.
                reader.AdvanceTo(buffer.End);
                throw TooLarge(limit);
            }

            if (read.IsCompleted || buffer.Length == http.Request.ContentLength)
            {
                var bytes = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return bytes;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static GatewayException TooLarge(long limit) =>
        new(ErrorCode.RequestTooLarge, $"The body is larger than the {limit} bytes that this gateway accepts (Gateway:Endpoints:MaxBodyBytes).");
}
