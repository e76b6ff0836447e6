using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Access.Users;

/// <summary>
/// What is kept of a password: PBKDF2 (RFC 8018, 5.2) with HMAC-SHA-256, as <c>pbkdf2-sha256$ITERATIONS$SALT$HASH</c>, the last two
/// in base64. A hash of fewer iterations than new ones have is still checked by its own.
/// </summary>
internal static class PasswordHash
{
    /// <summary>Shortest password that is taken, in characters.</summary>
    public const int ShortestPassword = 12;

    /// <summary>Longest password that is taken, in characters.</summary>
    public const int LongestPassword = 256;

    private const string Algorithm = "pbkdf2-sha256";

    // OWASP's Password Storage Cheat Sheet, for PBKDF2-HMAC-SHA256.
    private const int Iterations = 600_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>The hash of no password, which takes as long to check as any other.</summary>
    public static string OfNobody { get; } = $"{Algorithm}${Iterations.ToString(CultureInfo.InvariantCulture)}${Convert.ToBase64String(new byte[SaltBytes])}${Convert.ToBase64String(new byte[HashBytes])}";

    /// <summary>The hash of a new password. Takes a good part of a second, on purpose.</summary>
    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"{Algorithm}${Iterations.ToString(CultureInfo.InvariantCulture)}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Iterations, HashBytes))}";
    }

    /// <summary>Whether a password is the one of a hash; takes as long as making that did.</summary>
    /// <exception cref="FormatException">It is no hash of this form.</exception>
    public static bool Matches(string hash, string password)
    {
        if (hash.Split('$') is not [Algorithm, var iterations, var salt, var expected])
        {
            throw new FormatException("A password's hash is of an unknown form.");
        }

        var bytes = Convert.FromBase64String(expected);
        return CryptographicOperations.FixedTimeEquals(
            Derive(password, Convert.FromBase64String(salt), int.Parse(iterations, NumberStyles.None, CultureInfo.InvariantCulture), bytes.Length), bytes);
    }

    private static byte[] Derive(string password, byte[] salt, int iterations, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, length);
}
