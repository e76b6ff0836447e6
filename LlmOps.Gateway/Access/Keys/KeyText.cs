using System.Buffers.Text;
using System.Security.Cryptography;

namespace LlmOps.Gateway.Access.Keys;

/// <summary>How keys look: a prefix by which people and secret scanners know them, and 256 random bits.</summary>
internal static class KeyText
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "sk-llmops-";

    /// <summary>Longest credential that may be a key, in characters: those of earlier versions' key files were their owner's choice.</summary>
    public const int Longest = 256;

    private const int RandomBytes = 32;

    /// <summary>A new key.</summary>
    public static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>A new id: those of later keys come after it.</summary>
    public static string CreateId(TimeProvider time) => $"key_{Guid.CreateVersion7(time.GetUtcNow()):N}";

    /// <summary>Whether a credential says of itself that it is a key of this gateway.</summary>
    public static bool Is(ReadOnlySpan<char> credential) => credential.StartsWith(Prefix, StringComparison.Ordinal);
}
