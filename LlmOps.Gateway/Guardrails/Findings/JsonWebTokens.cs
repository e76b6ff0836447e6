namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Signed JWTs: header and payload are base64url of JSON objects, which makes both begin with eyJ.</summary>
internal static class JsonWebTokens
{
    public const string Mark = "eyJ";

    private const int ShortestPart = 8;

    // Together less than the longest private key; servers take no longer headers.
    private const int LongestHeader = 2048;
    private const int LongestPayload = 8192;
    private const int LongestSignature = 2048;

    /// <summary>The token that begins at a place.</summary>
    public static int Match(ref Peek text, int start)
    {
        var header = text.RunEnd(start, Characters.Base64Url, LongestHeader);
        if (header - start < ShortestPart || text[header] != '.' || !text.Has(header + 1, Mark))
        {
            return -1;
        }

        var payload = text.RunEnd(header + 1, Characters.Base64Url, LongestPayload);
        if (payload - header <= ShortestPart || text[payload] != '.')
        {
            return -1;
        }

        // A token without an algorithm has no signature.
        return text.RunEnd(payload + 1, Characters.Base64Url, LongestSignature);
    }
}
