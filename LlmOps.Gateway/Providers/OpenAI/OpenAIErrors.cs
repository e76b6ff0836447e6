using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// Maps every error shape that OpenAI and compatible servers are known to send to one of the documented failures:
/// <c>{"error":{…}}</c> (code a text or, at OpenRouter, a number), <c>{"error":"…"}</c>, <c>{"message","code"}</c>,
/// <c>{"detail":…}</c>, with an error status or inside a 200.
/// </summary>
internal sealed partial class OpenAIErrors(string provider, Secret? key, TimeProvider time)
{
    private const int LongestMessage = 1000;

    /// <summary>The failure of an answer that is not this protocol.</summary>
    public ProviderException Malformed(string what, Exception? cause = null) =>
        new(ErrorCode.ProviderBadResponse, provider, $"Provider '{provider}' answered with {what}.", innerException: cause);

    /// <summary>The failure of an answer that says itself that it failed.</summary>
    public ProviderException Failed() =>
        new(ErrorCode.ProviderError, provider, $"Provider '{provider}' ended its answer with finish_reason error.");

    /// <summary>The failure of a stream that ended too early.</summary>
    public ProviderException Interrupted() =>
        new(ErrorCode.ProviderStreamInterrupted, provider, $"Provider '{provider}' ended its stream before the answer was complete.");

    /// <summary>The failure that an answer with an error status is.</summary>
    public ProviderException FromResponse(HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var status = (int)response.StatusCode;
        var retryAfter = RetryAfter(response.Headers);
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0 ? array[0] : document.RootElement;
            return Create(status, Describe(root), retryAfter, $"failed with status {status}");
        }
        catch (JsonException)
        {
            return Create(status, new Description(null, null, null, null), retryAfter, $"failed with status {status}");
        }
    }

    /// <summary>Throws if the object says that something failed, though the status was 200.</summary>
    public void ThrowIfError(JsonElement root)
    {
        // Groq tells errors of its own beside an answer.
        if (OpenAIJson.Member(root, "x_groq") is { } groq && OpenAIJson.Member(groq, "error") is not null)
        {
            ThrowIfError(groq);
        }

        if (OpenAIJson.Member(root, "error") is not { } error || SaysNothing(error))
        {
            return;
        }

        var description = Describe(root);
        var status = int.TryParse(description.Code, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 400 and <= 599 ? code : StatusOf(description);
        throw Create(status, description, null, "reported an error inside its answer");
    }

    // Some servers always send the field: empty, or false.
    private static bool SaysNothing(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.String => error.ValueEquals(""),
        JsonValueKind.Object => !error.EnumerateObject().Any(),
        JsonValueKind.Array => error.GetArrayLength() == 0,
        _ => false,
    };

    private ProviderException Create(int status, Description said, TimeSpan? retryAfter, string what)
    {
        var error = Classify(status, said);
        var callersFault = error.Status is 400 or 404 or 413;
        var message = (callersFault, error == ErrorCode.ProviderAuthentication, said.Message) switch
        {
            // What the provider says of its own key is not for callers: it quotes parts of it.
            (_, true, _) => $"Provider '{provider}' did not accept the gateway's key (status {status}).",
            _ when status is >= 300 and < 400 => $"Provider '{provider}' redirects (status {status}), which is not followed; its BaseUrl needs a look.",
            (true, _, { } words) => words,
            (_, _, { } words) => $"Provider '{provider}' {what}: {words}",
            _ => $"Provider '{provider}' {what} and no explanation.",
        };
        return new ProviderException(error, provider, message, callersFault ? said.Param : null)
        {
            UpstreamStatus = status,
            UpstreamCode = said.Code,
            UpstreamType = said.Type,
            RetryAfter = retryAfter,
        };
    }

    private static ErrorCode Classify(int status, Description said)
    {
        switch (said.Code ?? said.Type)
        {
            case "context_length_exceeded":
                return ErrorCode.ContextLengthExceeded;
            case "content_filter" or "content_policy_violation" or "moderation":
                return ErrorCode.ContentFilter;
            case "insufficient_quota":
                return ErrorCode.InsufficientQuota;
            case "model_not_found":
                return ErrorCode.ModelNotFound;
        }

        return status switch
        {
            // Servers without codes say it in words.
            400 when said.Message?.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) == true => ErrorCode.ContextLengthExceeded,
            400 or 409 or 422 or 424 => ErrorCode.InvalidRequest,
            401 => ErrorCode.ProviderAuthentication,
            402 => ErrorCode.InsufficientQuota,
            403 when said.Moderated => ErrorCode.ContentFilter,
            403 => ErrorCode.ProviderAuthentication,
            404 when said.Message is not null => ErrorCode.ModelNotFound,
            408 or 504 or 524 => ErrorCode.ProviderTimeout,
            413 => ErrorCode.RequestTooLarge,
            429 => ErrorCode.RateLimitExceeded,
            498 or 503 or 529 => ErrorCode.ProviderOverloaded,
            _ => ErrorCode.ProviderError,
        };
    }

    // Inside a 200 there is no status; the words that stand in for one.
    private static int StatusOf(Description said) => (said.Code ?? said.Type) switch
    {
        "rate_limit_exceeded" or "rate_limit_error" or "insufficient_quota" => 429,
        "invalid_request_error" or "invalid_request" => 400,
        "invalid_api_key" or "authentication_error" => 401,
        "overloaded_error" or "capacity_exceeded" => 503,
        _ => 502,
    };

    private Description Describe(JsonElement root)
    {
        var error = OpenAIJson.Member(root, "error") ?? root;
        if (error.ValueKind == JsonValueKind.String)
        {
            return new Description(Presentable(OpenAIJson.Text(error)), null, null, null);
        }

        var message = OpenAIJson.Text(error, "message")
            ?? OpenAIJson.Text(error, "detail")
            ?? OpenAIJson.Member(error, "detail")?.GetRawText();
        return new Description(
            Presentable(message),
            Name(OpenAIJson.Text(error, "type")),
            Name(OpenAIJson.Text(error, "param")),
            Name(OpenAIJson.Member(error, "code") switch
            {
                { ValueKind: JsonValueKind.String } text => OpenAIJson.Text(text),
                { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
                _ => null,
            }))
        {
            // OpenRouter's 403 is a moderation finding when its metadata has reasons; else it is about the key.
            Moderated = OpenAIJson.Member(OpenAIJson.Member(error, "metadata"), "reasons") is not null,
        };
    }

    private TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
            _ => null,
        };
    }

    // Codes, types and paths are words; whatever else stands there may be a prompt or a key.
    private string? Name(string? text) => text is not null && NameForm().IsMatch(text) && text != key?.Reveal() ? text : null;

    [GeneratedRegex(@"^[A-Za-z0-9_.\-\[\]]{1,100}$")]
    private static partial Regex NameForm();

    // Some servers quote the key they were called with.
    private string? Presentable(string? text)
    {
        if (key is not null)
        {
            text = text?.Replace(key.Reveal(), Secret.Mask, StringComparison.Ordinal);
        }

        return text is { Length: > LongestMessage } ? text[..LongestMessage] + "…" : text;
    }

    /// <summary>What a provider said of a failure.</summary>
    private sealed record Description(string? Message, string? Type, string? Param, string? Code)
    {
        public bool Moderated { get; init; }
    }
}
