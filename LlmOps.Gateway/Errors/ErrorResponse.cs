using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Errors;

/// <summary>Tells a failure to the caller: OpenAI's shape under /v1, ours elsewhere.</summary>
internal static class ErrorResponse
{
    /// <summary>Every exception as one of the documented failures.</summary>
    public static GatewayException Classify(Exception exception) => exception switch
    {
        GatewayException known => known,
        // Where it is not the caller who left, and limits are told as such, only the end of the drain cancels.
        OperationCanceledException => new GatewayException(ErrorCode.GatewayStopping, "The gateway is being stopped; what was answered so far is not complete.", innerException: exception),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new GatewayException(ErrorCode.RequestTooLarge, "The body is larger than this gateway accepts (Gateway:Endpoints:MaxBodyBytes)."),
        BadHttpRequestException bad => new GatewayException(ErrorCode.InvalidJson, $"The body could not be read: {bad.Message}"),
        DatabaseException { IsRefused: false } => new GatewayException(ErrorCode.DatabaseUnavailable, "The database cannot be asked now; nothing is known to have changed.", innerException: exception) { RetryAfter = TimeSpan.FromSeconds(1) },
        _ => new GatewayException(ErrorCode.InternalError, "The gateway failed; its log has the reason under this request's id.", innerException: exception),
    };

    /// <summary>Writes status, headers and body. The response must not have started.</summary>
    public static async Task WriteAsync(HttpContext http, GatewayException exception, TimeProvider time, string? requestId = null)
    {
        http.Response.ContentLength = null;
        http.Response.StatusCode = exception.Error.Status;
        http.Response.ContentType = "application/json";
        if (exception is { RetryAfter: { } retryAfter, Error.Status: 429 or >= 500 })
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (exception is LimitException { Refusal: { } refusal })
        {
            LimitHeaders.Write(http.Response.Headers, refusal);
        }

        if (exception.Error.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = exception.Error == ErrorCode.TokenExpired ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        var body = new ArrayBufferWriter<byte>(512);
        if (http.Request.Path.StartsWithSegments("/v1"))
        {
            WriteOpenAI(body, exception);
        }
        else
        {
            WriteOwn(body, exception, requestId ?? RequestId.Of(http), time.GetUtcNow());
        }

        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory);
    }

    /// <summary>
    /// Writes <c>{"error":{"message","type","param","code"}}</c>, all four always there as OpenAI's specification asks.
    /// Also what stands in a stream that ends with an error.
    /// </summary>
    public static void WriteOpenAI(IBufferWriter<byte> output, GatewayException exception)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", exception.Message);
        json.WriteString("type", ShownType(exception));
        json.WriteString("param", exception.Field);
        json.WriteString("code", ShownCode(exception));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOwn(IBufferWriter<byte> output, GatewayException exception, string requestId, DateTimeOffset now)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteBoolean("success", false);
        json.WriteString("request_id", requestId);
        json.WriteStartObject("error");
        json.WriteString("error_type", ShownType(exception));
        json.WriteString("error_code", ShownCode(exception).ToUpperInvariant());
        json.WriteString("message", exception.Message);
        json.WriteString("field", exception.Field);
        if (exception is ProviderException provider)
        {
            json.WriteStartObject("details");
            json.WriteString("provider", provider.Provider);
            if (provider.UpstreamStatus is { } status)
            {
                json.WriteNumber("provider_status", status);
            }

            json.WriteEndObject();
        }
        else if (exception is LimitException { Refusal.Limit: var limit })
        {
            json.WriteStartObject("details");
            json.WriteString("limit", limit.Text);
            json.WriteString("holder", limit.Owner);
            if (exception.RetryAfter is { } reset)
            {
                json.WriteNumber("reset_seconds", reset.TotalSeconds);
            }

            json.WriteEndObject();
        }
        else if (exception.Details is { } details)
        {
            json.WriteStartObject("details");
            foreach (var (name, value) in details)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("details");
        }

        json.WriteEndObject();
        json.WriteString("timestamp", Json.Timestamp(now));
        json.WriteEndObject();
    }

    // A provider's own code for what is wrong with a request helps its caller; its codes for its own troubles do not.
    private static string ShownCode(GatewayException exception) =>
        exception is ProviderException { UpstreamCode: { } code } && exception.Error == ErrorCode.InvalidRequest ? code : exception.Error.Code;

    private static string ShownType(GatewayException exception) =>
        exception is ProviderException { UpstreamType: { } type } && exception.Error == ErrorCode.InvalidRequest ? type : exception.Error.Type;
}
