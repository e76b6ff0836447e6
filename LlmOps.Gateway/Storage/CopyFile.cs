using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LlmOps.Gateway.Storage;

/// <summary>The copy on disk of what a shared database said last, so that a restart without that database knows it. For its owner alone.</summary>
/// <param name="path">Its path.</param>
/// <param name="what">What it is a copy of, in the plural, as the log names it.</param>
/// <param name="type">How it is written.</param>
/// <param name="logger">The log.</param>
internal sealed partial class CopyFile<T>(string path, string what, JsonTypeInfo<T> type, ILogger logger)
    where T : class
{
    private bool _failed;

    /// <summary>Reads it; null where there is none, or none that can be read, which is logged.</summary>
    /// <param name="understand">Makes of it what is known; a <see cref="FormatException"/> says that it is damaged.</param>
    public TKnown? Read<TKnown>(Func<T, TKnown> understand)
        where TKnown : class
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            using var file = File.OpenRead(path);
            var known = understand(JsonSerializer.Deserialize(file, type) ?? throw new JsonException("It is null."));
            LogRead(what, path);
            return known;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            LogUnreadable(exception, what, path);
            return null;
        }
    }

    /// <summary>Replaces it, at once or not at all; that it cannot be written is logged once.</summary>
    public void Write(T value)
    {
        try
        {
            Replace(value);
            _failed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
            {
                LogNotWritten(exception, what, path);
            }

            _failed = true;
        }
    }

    private void Replace(T value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, value, type);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    [LoggerMessage(LogLevel.Information, "{What} were read from the copy {Path}.")]
    private partial void LogRead(string what, string path);

    [LoggerMessage(LogLevel.Warning, "{What} cannot be read from the copy {Path}.")]
    private partial void LogUnreadable(Exception exception, string what, string path);

    [LoggerMessage(LogLevel.Warning, "{What} cannot be written to the copy {Path}; a restart without the database would know earlier ones, or none.")]
    private partial void LogNotWritten(Exception exception, string what, string path);
}
