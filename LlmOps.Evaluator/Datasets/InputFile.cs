using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace LlmOps.Evaluator.Datasets;

/// <summary>The bytes of a file that was given, and its lines.</summary>
internal static class InputFile
{
    /// <summary>The most bytes of a file.</summary>
    public const long MostBytes = 256L * 1024 * 1024;

    /// <summary>Reads it whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages: a dataset.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BadInputException">It is not there, too large, or cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, string what, CancellationToken cancellationToken)
    {
        var faults = new FaultList(path);
        try
        {
            var length = new FileInfo(path).Length;
            if (length <= MostBytes)
            {
                return await File.ReadAllBytesAsync(path, cancellationToken);
            }

            faults.Add(null, string.Create(CultureInfo.InvariantCulture, $"It has {length} bytes; expected at most {MostBytes}."));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            faults.Add(null, $"There is no such file; expected {what}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(null, $"It cannot be read: {exception.Message}");
        }

        throw new BadInputException(faults.Lines);
    }

    /// <summary>The lines, from 1, without what ends them.</summary>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Lines(ReadOnlyMemory<byte> bytes)
    {
        for (var number = 1; !bytes.IsEmpty; number++)
        {
            var end = bytes.Span.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..end];
            bytes = bytes[Math.Min(bytes.Length, line.Length + 1)..];
            yield return (number, line);
        }
    }

    /// <summary>The text, without a byte order mark; null, and a fault for each line that is none, where it is not UTF-8.</summary>
    public static string? Text(byte[] bytes, FaultList faults)
    {
        foreach (var (number, _) in Lines(bytes).Where(line => !Utf8.IsValid(line.Line.Span)))
        {
            faults.Add(number, "It is not valid UTF-8.");
        }

        return faults.Count > 0 ? null : Encoding.UTF8.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
    }
}
