using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>A request that is to be answered once, however often it is sent.</summary>
/// <param name="Id">What it is known by: SHA-256 in hexadecimal digits over who asks, which endpoint, and the key.</param>
/// <param name="Fingerprint">What it asks for: SHA-256 in hexadecimal digits over the path and the body.</param>
/// <param name="Field">Where its key stands: a header's or a field's name.</param>
internal sealed record IdempotentRequest(string Id, string Fingerprint, string Field)
{
    /// <summary>The header of the key.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Length of a fingerprint, in characters.</summary>
    public const int FingerprintLength = 2 * SHA256.HashSizeInBytes;

    private const int LongestKey = 255;

    /// <summary>Reads it; null for a request without a key. The header counts before the body.</summary>
    /// <exception cref="GatewayException">The header is not valid.</exception>
    public static IdempotentRequest? Of(HttpContext http, IModelCall call, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var inHeader = http.Request.Headers.TryGetValue(Header, out var values);
        if (!inHeader && call.Idempotency is null)
        {
            return null;
        }

        var inBody = call.Idempotency?.Find(body, facts);
        if (inHeader)
        {
            return values is [{ Length: > 0 and <= LongestKey } key] && Shown.IsVisible(key)
                ? Of(http, facts, Header, key, inBody?.Content ?? body)
                : throw new GatewayException(ErrorCode.InvalidValue, $"{Header} is '{Shown.Short(values.ToString())}'; expected it once, with 1 to {LongestKey} visible ASCII characters.", Header);
        }

        return inBody is { } found ? Of(http, facts, found.Field, found.Key, found.Content) : null;
    }

    /// <summary>Makes sure that what has its key is the same request.</summary>
    /// <exception cref="GatewayException">409: it is another one.</exception>
    public void Match(string fingerprint)
    {
        if (fingerprint != Fingerprint)
        {
            throw new GatewayException(ErrorCode.IdempotencyKeyReused, $"{Field} was sent before with another body; expected the same body, or a new key.", Field);
        }
    }

    // Headers, such as a timeout or the cache's, say how it is answered, not what it asks for.
    private static IdempotentRequest Of(HttpContext http, GatewayRequest facts, string field, string key, ReadOnlyMemory<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string>)[facts.Principal.Tenant, facts.Principal.Subject, facts.Endpoint, field, key])
        {
            Append(hash, part);
        }

        var id = Convert.ToHexStringLower(hash.GetHashAndReset());

        // A route's parameter, such as the name of a prompt, is a part of what is asked.
        Append(hash, http.Request.Path.Value + http.Request.QueryString.Value);
        hash.AppendData(content.Span);
        return new IdempotentRequest(id, Convert.ToHexStringLower(hash.GetHashAndReset()), field);
    }

    // With its length, so that no two lists of parts are the same bytes.
    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
