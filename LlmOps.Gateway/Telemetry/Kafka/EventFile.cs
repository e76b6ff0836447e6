using System.Buffers;
using System.Text.Json;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>
/// Records as lines of JSON in a file that only this user may read; a full one gets the number 1 and those before it the next one, and
/// the oldest goes. Its name is that of the log's file, as NAME.events.jsonl.
/// </summary>
internal sealed class EventFile(string path, long largest = EventFile.Largest, int kept = EventFile.Kept) : IDisposable
{
    // As the log's: ten files of 100 MB.
    private const long Largest = 100 * 1024 * 1024;
    private const int Kept = 10;

    private FileStream? _file;

    /// <summary>Where the current one is.</summary>
    public string Path => path;

    /// <summary>The file beside a log's.</summary>
    public static EventFile BesideLog(string log) => new(System.IO.Path.ChangeExtension(System.IO.Path.GetFullPath(log), ".events.jsonl"));

    /// <summary>Appends a line for each record: all of them, or none.</summary>
    /// <exception cref="IOException">The disk is full, or another process writes the file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public async Task AppendAsync(IEnumerable<TopicRecord> records, CancellationToken cancellationToken)
    {
        var lines = Lines(records);
        _file ??= Open();
        if (_file.Length > 0 && _file.Length + lines.Length > largest)
        {
            Rotate();
            _file = Open();
        }

        var before = _file.Length;
        try
        {
            await _file.WriteAsync(lines, cancellationToken);
            await _file.FlushAsync(cancellationToken);
        }
        catch
        {
            // No half of a line: they are all written again.
            _file.SetLength(before);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private void Rotate()
    {
        _file?.Dispose();
        _file = null;
        for (var number = kept - 1; number > 0; number--)
        {
            var older = Numbered(number - 1);
            if (File.Exists(older))
            {
                File.Move(older, Numbered(number), overwrite: true);
            }
        }
    }

    // NAME.events.1.jsonl
    private string Numbered(int number) => number == 0 ? path : System.IO.Path.ChangeExtension(path, $".{number}.jsonl");

    private static ReadOnlyMemory<byte> Lines(IEnumerable<TopicRecord> records)
    {
        var lines = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(lines);
        foreach (var record in records)
        {
            writer.WriteStartObject();
            writer.WriteString("topic", record.Topic);
            writer.WritePropertyName("value");
            writer.WriteRawValue(record.Value, skipInputValidation: true);
            writer.WriteEndObject();
            writer.Flush();
            lines.Write("\n"u8);
            writer.Reset();
        }

        return lines.WrittenMemory;
    }
}
