using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers;

/// <summary>What all calls to providers over HTTP have in common, whatever is asked.</summary>
internal static class ProviderHttp
{
    private static readonly string UserAgent = $"LlmOps/{typeof(ProviderHttp).Assembly.GetName().Version!.ToString(3)}";

    // OpenAI and what is compatible; Anthropic.
    private static readonly string[] RequestIdHeaders = ["x-request-id", "request-id"];

    private static readonly string[] UsualTypes = [MediaTypes.Json, MediaTypes.EventStream, MediaTypes.NdJson];

    /// <summary>Sets the headers that every request has.</summary>
    public static HttpRequestMessage Accepting(this HttpRequestMessage request, string mediaType)
    {
        request.Headers.TryAddWithoutValidation("Accept", mediaType);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        return request;
    }

    /// <summary>Takes in what the response's headers say.</summary>
    /// <exception cref="Errors.ProviderException">The content is encoded, which was not asked for.</exception>
    public static void Note(HttpResponseMessage response, Attempt? attempt, ProviderErrors errors)
    {
        attempt?.Limits.HeadersReceived();
        foreach (var header in RequestIdHeaders)
        {
            if (attempt is not null && response.Headers.NonValidated.TryGetValues(header, out var ids))
            {
                attempt.ProviderRequestId = errors.Name(ids.ToString());
                break;
            }
        }

        if (response.Content.Headers.NonValidated.Contains("Content-Encoding")
            && response.Content.Headers.ContentEncoding.FirstOrDefault(encoding => encoding != "identity") is { } unasked)
        {
            throw errors.Malformed($"content encoded as {unasked}, which was not asked for");
        }
    }

    /// <summary>The media type that the response names; null for none. The usual ones are told from the header's text; its parsed form would cost every answer.</summary>
    public static string? MediaTypeOf(HttpResponseMessage response)
    {
        if (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) && values.ToString() is var text)
        {
            foreach (var usual in UsualTypes)
            {
                if (text.StartsWith(usual, StringComparison.Ordinal) && (text.Length == usual.Length || text[usual.Length] == ';'))
                {
                    return usual;
                }
            }
        }

        return response.Content.Headers.ContentType?.MediaType;
    }

    /// <summary>Whether a media type is JSON of some kind.</summary>
    public static bool IsJson(string type) => type.EndsWith("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks that a whole answer is there and is JSON.</summary>
    /// <exception cref="Errors.ProviderException">It tells a failure, or is something else.</exception>
    public static void EnsureJson(HttpResponseMessage response, ReadOnlyMemory<byte> body, ProviderErrors errors)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw errors.FromResponse(response, body);
        }

        if (MediaTypeOf(response) is { } type && !IsJson(type))
        {
            throw errors.Malformed($"{type}; expected application/json");
        }
    }
}
