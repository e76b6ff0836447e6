using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>
/// Google's errors: <c>{"error":{"code":429,"message","status":"RESOURCE_EXHAUSTED","details":[…]}}</c>, where the details
/// say what the status does not.
/// </summary>
internal sealed class GeminiErrors(string provider, ProviderKeys keys, TimeProvider time) : ProviderErrors(provider, keys, time)
{
    /// <inheritdoc/>
    protected override ProviderFault Describe(int status, JsonElement root)
    {
        var error = WireJson.Member(root, "error");
        if (error is not { ValueKind: JsonValueKind.Object })
        {
            return new ProviderFault(error is { ValueKind: JsonValueKind.String } text ? WireJson.Text(text) : null);
        }

        var message = WireJson.Text(error, "message");
        var code = WireJson.Text(error, "status");
        var details = WireJson.Items(error, "details").ToList();
        var perDay = details.SelectMany(detail => WireJson.Items(detail, "violations"))
            .Any(violation => WireJson.Text(violation, "quotaId")?.Contains("PerDay", StringComparison.OrdinalIgnoreCase) == true);
        return new ProviderFault(message, Code: code)
        {
            Status = (int?)WireJson.Integer(error, "code") is >= 400 and <= 599 and var own ? own : null,
            Error = Recognise(code, message, details, perDay),

            // A day's quota comes with a delay of seconds all the same, after which it is as empty as before.
            RetryAfter = perDay ? null : details.Select(detail => WireJson.Text(detail, "retryDelay")).OfType<string>().Select(RetryHints.Duration).FirstOrDefault(),
        };
    }

    private static ErrorCode? Recognise(string? code, string? message, List<JsonElement> details, bool perDay) => code switch
    {
        _ when details.Exists(detail => WireJson.Text(detail, "reason") is "API_KEY_INVALID" or "API_KEY_EXPIRED") => ErrorCode.ProviderAuthentication,
        "INVALID_ARGUMENT" when message?.Contains("API key", StringComparison.OrdinalIgnoreCase) == true => ErrorCode.ProviderAuthentication,
        "INVALID_ARGUMENT" when message?.Contains("exceeds the maximum number of tokens", StringComparison.OrdinalIgnoreCase) == true => ErrorCode.ContextLengthExceeded,

        // Billing or place of the account: nothing that the caller could change.
        "FAILED_PRECONDITION" => ErrorCode.ProviderError,
        "RESOURCE_EXHAUSTED" when perDay => ErrorCode.InsufficientQuota,
        _ => null,
    };
}
