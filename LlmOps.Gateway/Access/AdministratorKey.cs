using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Access;

/// <summary>
/// The administrator's key: the configured one, else one that is made at the first start, shown that once, and kept
/// in a file of the data folder that only its owner can read.
/// </summary>
internal sealed class AdministratorKey
{
    private const string Prefix = "sk-llmops-admin-";
    private const int LongestCompared = 256;

    private readonly byte[] _key;

    public AdministratorKey(GatewayConfiguration configuration)
    {
        var options = configuration.Current.Options;
        var path = Path.Combine(options.Data.Folder, "admin.key");
        var (key, notice) = options.Access.AdministratorKey is { } configured
            ? (configured.Reveal(), "as configured")
            : ReadOrCreate(path);
        Notice = notice;
        _key = Encoding.UTF8.GetBytes(key);
    }

    /// <summary>What the start-up block says of the key; the key itself only on the run that makes it.</summary>
    public string Notice { get; }

    /// <summary>Whether a credential is the key. Takes the same time wherever they differ; only a different length shows.</summary>
    public bool Matches(ReadOnlySpan<char> credential)
    {
        // Compared as it is: a digest of what every client sends, whether it must or not, would cost more than all else of this stage.
        Span<byte> given = stackalloc byte[LongestCompared];
        if (!Encoding.UTF8.TryGetBytes(credential, given, out var length))
        {
            given = new byte[Encoding.UTF8.GetByteCount(credential)];
            length = Encoding.UTF8.GetBytes(credential, given);
        }

        return CryptographicOperations.FixedTimeEquals(given[..length], _key);
    }

    private static (string Key, string Notice) ReadOrCreate(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }

                return File.ReadAllText(path).Trim() is { Length: > 0 } kept
                    ? (kept, $"kept in {path}")
                    : throw new IOException("the file is empty; delete it to have a new key made");
            }

            var key = Create();
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new StreamWriter(path, Encoding.ASCII, mode))
            {
                file.WriteLine(key);
            }

            return (key, $"{key} (shown this once, kept in {path})");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var key = Create();
            return (key, $"{key} (for this run only: {path} cannot be used, {exception.Message})");
        }
    }

    private static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
