using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>
/// A JSON Web Token (RFC 7519) in compact form, read but not verified: nothing that it says is true before
/// <see cref="IsSignedBy"/>. Stands in for Microsoft.IdentityModel.JsonWebTokens, which cannot be had in a version without
/// known faults.
/// </summary>
internal sealed class JsonWebToken
{
    /// <summary>The longest text that is looked at, in characters.</summary>
    public const int LongestText = 8 * 1024;

    private const int LongestKeyId = 256;

    // Far later than any token ends; what is beyond is no date.
    private const double LatestDate = 100_000_000_000;

    /// <summary>How JSON is read that says who somebody is: a name that stands there twice could mean one thing here and another thing elsewhere.</summary>
    public static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private JsonWebToken(string algorithm, string? keyId, JsonElement claims, byte[] signed, byte[] signature)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Claims = claims;
        _signed = signed;
        _signature = signature;
    }

    /// <summary>The algorithm that it says it is signed by.</summary>
    public string Algorithm { get; }

    /// <summary>The name of the key that it says it is signed by; null where it does not say.</summary>
    public string? KeyId { get; }

    /// <summary>What it claims, an object.</summary>
    public JsonElement Claims { get; }

    /// <summary>Whether a text has the outer form of a token: three parts. No key of the gateway has.</summary>
    public static bool IsLikely(ReadOnlySpan<char> text) => text.Count('.') == 2;

    /// <summary>Reads a token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence that begins with "The token"; null where nothing is.</param>
    /// <returns>The token; null where something is wrong.</returns>
    public static JsonWebToken? Read(ReadOnlySpan<char> text, out string? fault)
    {
        fault = null;
        if (text.Length > LongestText)
        {
            fault = $"is longer than {LongestText} characters";
            return null;
        }

        if (!IsLikely(text))
        {
            fault = "does not have three parts";
            return null;
        }

        var first = text.IndexOf('.');
        var second = text.LastIndexOf('.');
        if (Base64UrlText.Decode(text[..first]) is not { } head || Base64UrlText.Decode(text[(first + 1)..second]) is not { } body || Base64UrlText.Decode(text[(second + 1)..]) is not { } signature)
        {
            fault = "is not in base64url";
            return null;
        }

        if (ReadObject(head) is not { } header || ReadObject(body) is not { } claims)
        {
            fault = "has a header or claims that are no JSON object, or name something twice";
            return null;
        }

        if (header.TryGetProperty("crit"u8, out _))
        {
            // RFC 7515, section 4.1.11: who does not know an extension that is marked as critical must refuse.
            fault = "needs an extension (crit) that is not known here";
            return null;
        }

        if (Text(header, "alg") is not { } algorithm)
        {
            fault = "does not name its algorithm (alg)";
            return null;
        }

        var keyId = Text(header, "kid");
        if (keyId is null ? header.TryGetProperty("kid"u8, out _) : keyId.Length > LongestKeyId)
        {
            fault = $"has a key id (kid) that is no text, or longer than {LongestKeyId} characters";
            return null;
        }

        var signed = new byte[second];
        Encoding.ASCII.GetBytes(text[..second], signed);
        return new JsonWebToken(algorithm, keyId, claims, signed, signature);
    }

    /// <summary>Whether the signature is the key's, by the algorithm that the key is for.</summary>
    public bool IsSignedBy(SignatureKey key) => Algorithm == key.Algorithm && key.Verifies(_signed, _signature);

    /// <summary>A claim that is a text; null where it is not there, or something else.</summary>
    public string? Text(string name) => Text(Claims, name);

    /// <summary>A member that is a text; null where it is not there, or something else.</summary>
    public static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>A value that is a text; null where it is something else.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape such as \ud800 is JSON, but no text.
            return null;
        }
    }

    /// <summary>A claim that is a date: seconds since 1970, perhaps with a fraction (RFC 7519, section 2).</summary>
    /// <param name="name">The claim.</param>
    /// <param name="date">The date; null where the claim is not there.</param>
    /// <returns>Whether it is a date, or not there.</returns>
    public bool TryGetDate(string name, out DateTimeOffset? date)
    {
        date = null;
        if (!Claims.TryGetProperty(name, out var value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds) || !(seconds is >= 0 and <= LatestDate))
        {
            return false;
        }

        date = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    private static JsonElement? ReadObject(byte[] utf8)
    {
        try
        {
            return Utf8.IsValid(utf8) && JsonElement.Parse(utf8, Strict) is { ValueKind: JsonValueKind.Object } value ? value : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with a lone surrogate escape such as \ud800.
            return null;
        }
    }
}
