using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// Turns what a provider tells of a failure, with an error status or inside a 200, into one of the documented failures.
/// Protocols say how their errors look; what a status or a common word means is the same for all.
/// </summary>
internal abstract partial class ProviderErrors(string provider, ProviderKeys keys, TimeProvider time)
{
    private const int LongestMessage = 1000;

    /// <summary>The failure of an answer that is not this protocol.</summary>
    public ProviderException Malformed(string what, Exception? cause = null) =>
        new(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' answered with {Presentable(what)}.", innerException: cause);

    /// <summary>The failure of an answer that says itself that it failed.</summary>
    /// <param name="reason">The finish reason that says so.</param>
    public ProviderException Failed(string reason) =>
        new(ErrorCode.ProviderError, provider, $"Provider '{provider}' ended its answer with finish reason {Shown.Short(Presentable(reason)!)}.");

    /// <summary>The failure of a stream that ended too early.</summary>
    public ProviderException Interrupted() =>
        new(ErrorCode.ProviderStreamInterrupted, provider, $"Provider '{provider}' ended its stream before the answer was complete.");

    /// <summary>A refusal for what the request says, told inside a regular answer.</summary>
    public ProviderException Refused(string reason) =>
        new(ErrorCode.ContentFilter, provider, $"Provider '{provider}' refused the prompt: {Shown.Short(Presentable(reason)!)}.") { UpstreamStatus = 200, UpstreamCode = Name(reason) };

    /// <summary>The failure that an answer with an error status is.</summary>
    public ProviderException FromResponse(HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var status = (int)response.StatusCode;
        var said = new ProviderFault();
        try
        {
            using var document = JsonDocument.Parse(body);
            said = Describe(status, Unwrapped(document.RootElement));
        }
        catch (JsonException)
        {
            // Proxies in between answer with HTML; the status says enough.
        }

        return Create(status, said with { RetryAfter = said.RetryAfter ?? RetryHints.RetryAfter(response.Headers, time) }, $"failed with status {status}");
    }

    /// <summary>The JSON of an answer or of an event: an object that tells no failure.</summary>
    /// <exception cref="ProviderException">It tells one, or is not an object.</exception>
    public JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(KeepsBytes ? json : WireJson.WholePairs(json));
        }
        catch (JsonException exception)
        {
            throw Malformed("something that is not valid JSON", exception);
        }

        try
        {
            // Some put an error object into an array of one.
            ThrowIfError(Unwrapped(document.RootElement));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw Malformed("JSON that is not an object");
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>Throws if the object tells a failure, though the status was 200.</summary>
    public void ThrowIfError(JsonElement root)
    {
        if (IsError(root))
        {
            var said = Describe(200, root);
            throw Create(said.Status ?? StatusOf(said.Code ?? said.Type), said, "reported an error inside its answer");
        }
    }

    /// <summary>Whether answers go on to callers in the provider's own bytes.</summary>
    protected virtual bool KeepsBytes => false;

    /// <summary>Whether an object under a 200 tells a failure.</summary>
    protected virtual bool IsError(JsonElement root) =>
        WireJson.Member(root, "error") is { } error && !SaysNothing(error);

    /// <summary>What the provider says in this error object.</summary>
    /// <param name="status">The answer's HTTP status.</param>
    /// <param name="root">The whole body, or the event.</param>
    protected abstract ProviderFault Describe(int status, JsonElement root);

    /// <summary>Codes, types and paths are words; whatever else stands there may be a prompt or a key.</summary>
    public string? Name(string? text) => text is not null && NameForm().IsMatch(text) && !keys.All.Any(key => key.Value is { } value && text.Contains(value.Reveal(), StringComparison.Ordinal)) ? text : null;

    private ProviderException Create(int status, ProviderFault said, string what)
    {
        var error = said.Error ?? Classify(status, said);
        if (keys.IsCallers && error == ErrorCode.ProviderAuthentication)
        {
            return OfCallersKey(status);
        }

        var callersFault = error.Status is 400 or 404 or 413;
        var words = Presentable(said.Message);
        var message = (callersFault, error == ErrorCode.ProviderAuthentication, words) switch
        {
            // What the provider says of its own key is not for callers: it quotes parts of it.
            (_, true, _) => $"Provider '{provider}' did not accept the gateway's key (status {status}).",
            _ when status is >= 300 and < 400 => $"Provider '{provider}' redirects (status {status}), which is not followed; its BaseUrl needs a look.",
            (true, _, not null) => words,
            (_, _, not null) => $"Provider '{provider}' {what}: {words}",
            _ => $"Provider '{provider}' {what} and no explanation.",
        };
        return new ProviderException(error, provider, message, callersFault ? Name(said.Param) : null)
        {
            UpstreamStatus = status,
            UpstreamCode = Name(said.Code),
            UpstreamType = Name(said.Type),
            RetryAfter = said.RetryAfter,
        };
    }

    // Who brought the key can do something about it. What the provider says may quote it.
    private ProviderException OfCallersKey(int status) => status == StatusCodes.Status403Forbidden
        ? new ProviderException(ErrorCode.PermissionDenied, provider, $"Provider '{provider}' does not let this key ask that (status {status}).", CallersKey.Field) { UpstreamStatus = status }
        : new ProviderException(ErrorCode.InvalidApiKey, provider, $"Provider '{provider}' did not accept this key (status {status}).", CallersKey.Field) { UpstreamStatus = status };

    private static ErrorCode Classify(int status, ProviderFault said) => (said.Code ?? said.Type, status) switch
    {
        ("context_length_exceeded", _) => ErrorCode.ContextLengthExceeded,
        ("content_filter" or "content_policy_violation" or "moderation", _) => ErrorCode.ContentFilter,
        ("insufficient_quota", _) => ErrorCode.InsufficientQuota,
        ("model_not_found", _) => ErrorCode.ModelNotFound,
        (_, 400 or 409 or 422 or 424) => ErrorCode.InvalidRequest,
        (_, 401 or 403) => ErrorCode.ProviderAuthentication,
        (_, 402) => ErrorCode.InsufficientQuota,
        (_, 404) when said.Message is not null => ErrorCode.ModelNotFound,
        (_, 408 or 504 or 524) => ErrorCode.ProviderTimeout,
        (_, 413) => ErrorCode.RequestTooLarge,
        (_, 429) => ErrorCode.RateLimitExceeded,
        (_, 498 or 503 or 529) => ErrorCode.ProviderOverloaded,
        _ => ErrorCode.ProviderError,
    };

    // Inside a 200 there is no status; the words that stand in for one.
    private static int StatusOf(string? word) => word switch
    {
        _ when int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 400 and <= 599 => code,
        "rate_limit_exceeded" or "rate_limit_error" or "insufficient_quota" => 429,
        "invalid_request_error" or "invalid_request" => 400,
        "invalid_api_key" or "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "timeout_error" => 504,
        "overloaded_error" or "capacity_exceeded" => 503,
        _ => 502,
    };

    // Some servers always send the field: empty, or false.
    private static bool SaysNothing(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.String => error.ValueEquals(""),
        JsonValueKind.Object => !error.EnumerateObject().Any(),
        JsonValueKind.Array => error.GetArrayLength() == 0,
        _ => false,
    };

    private static JsonElement Unwrapped(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 ? root[0] : root;

    // Some servers quote the key they were called with.
    private string? Presentable(string? text)
    {
        foreach (var key in keys.All)
        {
            if (key.Value is { } value)
            {
                text = text?.Replace(value.Reveal(), Secret.Mask, StringComparison.Ordinal);
            }
        }

        return text is { Length: > LongestMessage } ? text[..LongestMessage] + "…" : text;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.\-\[\]]{1,100}$")]
    private static partial Regex NameForm();
}

/// <summary>What a provider said of a failure; all of it may be absent.</summary>
/// <param name="Message">Its words.</param>
/// <param name="Type">Its class of the error.</param>
/// <param name="Param">The field it blames.</param>
/// <param name="Code">Its code, as text even where it sends a number.</param>
internal sealed record ProviderFault(string? Message = null, string? Type = null, string? Param = null, string? Code = null)
{
    /// <summary>The documented failure, where more than status and common words tells it.</summary>
    public ErrorCode? Error { get; init; }

    /// <summary>The status it gives itself inside a 200.</summary>
    public int? Status { get; init; }

    /// <summary>How long to stay away, where the body says it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
